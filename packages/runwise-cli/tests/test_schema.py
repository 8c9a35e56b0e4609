"""A project's own schema: each of its fields changes an answer, on any source."""

from __future__ import annotations

import json
import sys

import pytest

from runwise import reports
from runwise.config import read_settings
from runwise.errors import BadSetting
from runwise.settings_file.checking import SCHEMA
from runwise.settings_file.metric_schema import MetricSchema, schema_of
from runwise.workspace import Workspace
from runwise_format import render


@pytest.fixture
def project(write_run, tmp_path):
    """Write a run with metrics of every kind, and a runwise.json."""

    def make(schema=None, **more):
        rows = [
            {
                "step": step, "objective": 2 / (1 + step / 9), "goodness": step / 50,
                "ce_0": 1.0, "ce_1": 0.52, "ce_2": 0.51, "ce_3": 0.5, "easy/acc": 0.9,
                "easy/loss": 0.1, "hard/acc": 0.4,
            }
            for step in range(50)
        ]  # fmt: skip
        write_run("run_a", rows)
        tree = {"schema_inline": schema or {}, **more}
        (tmp_path / "runwise.json").write_text(json.dumps(tree), encoding="utf-8")
        return Workspace()

    return make


def test_groups_are_sections_with_their_names_and_formats(project):
    metrics = {
        "objective": {"display": "Loss", "format": ".4f"},
        "goodness": {"display": "Good", "format": ".1%", "higher_is_better": True},
    }
    groups = [{"name": "main", "display_name": "MAIN", "metrics": metrics}]
    text = render(reports.summary(project({"groups": groups})), "compact")
    assert "MAIN:\nmetric,last,best@step,trend\nLoss,0.3103," in text
    assert "Good,98.0%,.98@49," in text
    data = json.loads(render(reports.summary(project({"groups": groups})), "json"))
    assert data["group_0"][1]["name"] == "goodness"
    assert data["group_0"][1]["last"] == 0.98


def test_the_better_end_of_a_metric_is_what_the_schema_says(project):
    up = {"name": "g", "metrics": {"goodness": {"higher_is_better": True}}}
    document = reports.best(project({"groups": [up]}), "goodness")
    assert "highest goodness" in document.verdict
    assert not document.blocks[1].lines
    down = {"name": "g", "metrics": {"goodness": {"higher_is_better": False}}}
    assert "lowest goodness" in reports.best(project({"groups": [down]}), "goodness").verdict


def test_the_loss_is_the_metric_that_the_schema_names(project):
    document = reports.list_runs(project({"loss_key": "objective"}))
    assert "objective" in render(document, "compact")


def test_the_primary_metric_is_the_column_of_a_list_by_its_name(project):
    schema = {"primary_metric": "goodness", "primary_metric_name": "Goodness!"}
    text = render(reports.list_runs(project(schema)), "compact")
    assert text.splitlines()[1].endswith("Goodness!,trend")
    assert ",.98," in text


def test_the_steps_of_a_model_are_shown_and_its_idle_middle_is_named(project):
    schema = {"per_step_pattern": "ce_{i}", "num_steps": 4}
    text = render(reports.summary(project(schema)), "compact")
    assert "per step: step0 1, step1 .52, step2 .51, step3 .5" in text
    assert "from the first step to the last -50.0%; the steps between hardly differ" in text


def test_validation_sets_have_sections(project):
    schema = {"validation_sets": {"easy": "Easy set", "hard": "Hard set"}}
    text = render(reports.summary(project(schema)), "compact")
    assert "Easy set: acc .9, loss .1" in text
    assert "Hard set: acc .4" in text


@pytest.mark.parametrize(
    ("tree", "problem", "remedy"),
    [
        (
            {"schema_inline": {"groups": [{"name": "a", "metrics": {"x": {"format": 5}}}]}},
            "schema_inline.groups[0].metrics.x.format is 5, not a text", 'Write "format": "...".',
        ),
        (
            {"schema_inline": {"groups": [{"name": "a", "metrics": {"x": {"formt": ".1%"}}}]}},
            "schema_inline.groups[0].metrics.x: nobody knows the key 'formt'",
            "Did you mean format?",
        ),
        (
            {"schema_inline": {"groups": [{"name": "a", "metrics": {"x": {"format": "%.2f"}}}]}},
            "metrics.x.format is %.2f, no format of a number", "Write .4f, .1% or ,.0f.",
        ),
        ({"schema_inline": {"groups": [{}]}}, "groups[0] has no name", 'Write "name"'),
        ({"schema_inline": {"groups": {}}}, "groups is {}, not a list", 'Write "groups": [...].'),
        ({"schema_inline": {"num_steps": -1}}, "num_steps is -1, below 0", "Write 0 or more."),
        ({"schema_inline": {"num_steps": True}}, "num_steps is true, not a whole number", "whole"),
        ({"downsample_interval": 0}, "downsample_interval is 0, below 1", "Write 1 or more."),
        ({"downsample_interval": "9"}, 'is "9", not a whole number', "a whole number"),
    ],
)  # fmt: skip
def test_wrong_settings_are_answered_with_path_value_and_remedy(tmp_path, tree, problem, remedy):
    (tmp_path / "runwise.json").write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(BadSetting) as caught:
        read_settings(tmp_path, {})
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


def test_the_published_schema_agrees_with_what_is_accepted(project, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    rule = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(rule)
    good = {"schema_inline": {"groups": [{"name": "a", "metrics": {"x": {"format": ".1%"}}}]}}
    jsonschema.validate(good, rule)
    for bad in ({"x": 1}, {"downsample_interval": 0}, {"schema_inline": {"groups": [{}]}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, rule)


def test_pyproject_serves_where_there_is_no_file_of_ours(tmp_path):
    table = (
        '[tool.runwise]\nproject_name = "from toml"\nschema_inline = {loss_key = "objective"}\n'
    )
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    settings = read_settings(tmp_path, {})
    assert (settings.project, settings.roles) == ("from toml", {"objective": "train_loss"})
    (tmp_path / "runwise.json").write_text('{"project_name": "from json"}', encoding="utf-8")
    assert read_settings(tmp_path, {}).project == "from json"


def test_a_pyproject_of_others_is_none_of_our_business(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.other\nbroken", encoding="utf-8")
    assert read_settings(tmp_path, {}).project == ""
    (tmp_path / "pyproject.toml").write_text("[tool.runwise]\nproject_name = 5", encoding="utf-8")
    with pytest.raises(BadSetting, match="project_name is 5"):
        read_settings(tmp_path, {})


def test_stores_that_variables_name_are_looked_in(tmp_path):
    project, store = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    store.mkdir()
    (store / "mlflow.db").write_bytes(b"")
    for uri, place in (
        (str(store), store), (store.as_uri(), store),
        (f"sqlite:///{store / 'mlflow.db'}", store / "mlflow.db"),
    ):  # fmt: skip
        assert read_settings(project, {"MLFLOW_TRACKING_URI": uri}).roots == (project, place)
    assert read_settings(project, {"TRACKIO_DIR": str(store)}).roots == (project, store)
    assert read_settings(project, {"MLFLOW_TRACKING_URI": "http://h:5000"}).roots == (project,)
    assert read_settings(project, {"TRACKIO_DIR": str(tmp_path / "later")}).roots == (project,)


def test_the_settings_in_force_are_shown_with_their_origin(ask, project, monkeypatch):
    project({"loss_key": "objective"}, project_name="demo")
    monkeypatch.setenv("WANDB_DIR", "somewhere")
    shown = ask("config", "--show-settings").stdout
    assert "project_name,demo,runwise.json" in shown
    assert "schema_inline.loss_key,objective,runwise.json" in shown
    assert "WANDB_DIR,somewhere,environment" in shown


def test_a_schema_is_what_runwise_0_5_called_one(tmp_path):
    assert MetricSchema.default().loss_key == "train/loss"
    path = tmp_path / "schema.json"
    path.write_text('{"loss_key": "x", "groups": [{"name": "a"}]}', encoding="utf-8")
    read = MetricSchema.from_file(path)
    assert (read.loss_key, read.groups[0].display_name) == ("x", "a")
    assert schema_of({}, "here").step_key == "_step"
    with pytest.raises(BadSetting):
        MetricSchema.from_file(tmp_path / "none.json")


@pytest.mark.skipif(sys.version_info >= (3, 11), reason="the standard library has a reader")
def test_toml_is_read_on_the_oldest_python_too(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        "[tool.runwise]\nproject_name = 'x'", encoding="utf-8"
    )
    assert read_settings(tmp_path, {}).project == "x"
