"""``runwise api``, spelt as in runwise 0.5, against a server on this machine."""

from __future__ import annotations

import json
import sys

import pytest

pytestmark = pytest.mark.trackers


def rows(text):
    return json.loads(text)["runs"]


def ids(text):
    return [row["id"] for row in rows(text)]


def test_a_project_is_listed(two, say):
    assert ids(say("api", "-p", "bert", "-e", "team", "--format", "json")) == [
        "live0001", "b1b1b1b1", "3k9x1mzp"
    ]  # fmt: skip


def test_entity_and_project_may_be_one_word(two, say):
    assert "small lr" in say("api", "--project", "team/bert")


@pytest.mark.parametrize("option", ["-n", "--limit"])
def test_a_limit_is_honoured(two, say, option):
    assert len(ids(say("api", "-p", "team/bert", option, "2", "--format", "json"))) == 2
    assert two.asked["Runs"] == 1


@pytest.mark.parametrize("option", ["-s", "--state"])
def test_a_state_chooses_runs(two, say, option):
    said = say("api", "-p", "team/bert", option, "running", "--format", "json")
    assert ids(said) == ["live0001"]


def test_a_list_shows_the_metrics_asked_for(two, say):
    said = rows(say("api", "-p", "team/bert", "-k", "loss", "--format", "json"))
    assert said[0]["loss"] == pytest.approx(2.0 / 40)


@pytest.mark.parametrize("name", ["3k9x1mzp", "team/bert/3k9x1mzp"])
@pytest.mark.parametrize("option", ["-r", "--run"])
def test_a_run_is_summarised_as_by_run(two, say, option, name):
    said = say("api", "-p", "team/bert", option, name)
    assert said == say("run", "team/bert/3k9x1mzp")
    assert "small lr" in said


@pytest.mark.parametrize("option", ["-c", "--compare"])
def test_runs_are_compared_as_by_compare(two, say, option):
    said = say("api", "-p", "team/bert", option, "3k9x1mzp,b1b1b1b1")
    assert said == say("compare", "team/bert/3k9x1mzp", "team/bert/b1b1b1b1")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("-f", "lo"), ("-f", "lo")),
        (("--filter", "lo"), ("-f", "lo")),
        (("-g",), ("-g",)),
        (("--group",), ("-g",)),
        (("-t", "10"), ("-t", "10")),
        (("--threshold", "10"), ("-t", "10")),
        (("-d",), ("-d",)),
        (("--diff",), ("-d",)),
    ],
)
def test_a_comparison_takes_the_options_it_always_took(two, say, ours, theirs):
    said = say("api", "-p", "team/bert", "-c", "3k9x1mzp,b1b1b1b1", *ours)
    assert said == say("compare", "team/bert/3k9x1mzp", "team/bert/b1b1b1b1", *theirs)


@pytest.mark.parametrize("option", ["-k", "--keys"])
def test_a_history_is_csv_for_a_program(two, say, option):
    said = say(
        "api", "-p", "team/bert", "-r", "3k9x1mzp", "--history", option, "loss,lr",
        "--samples", "20", "--format", "csv",
    ).splitlines()  # fmt: skip
    assert said[0] == "step,loss,lr"
    assert 8 <= len(said) - 1 <= 45


def test_a_history_has_500_rows_where_nobody_says_how_many(cloud, logged, say):
    cloud.add(logged(rows=3000))
    words = ("api", "-p", "team/bert", "-r", "3k9x1mzp", "--history", "-k", "loss")
    assert len(say(*words, "--format", "csv").splitlines()) == 501


@pytest.mark.parametrize(
    "words", [("--history",), ("--history", "-r", "x"), ("--history", "-k", "loss")]
)
def test_a_history_without_run_or_metric_is_a_usage_error(two, say, words):
    assert "-r ID --history -k loss" in say("api", "-p", "team/bert", *words, code=2)


def test_the_best_run_is_the_one_with_the_best_value_of_its_whole_curve(two, cloud, say):
    run = cloud.projects["team", "bert"]["b1b1b1b1"]
    run.rows[100]["loss"] = 1e-9
    said = rows(say("api", "-p", "team/bert", "--best", "loss", "--format", "json"))
    assert (said[0]["id"], said[0]["best"]["value"], said[0]["best"]["step"]) == (
        "b1b1b1b1", 1e-9, 100
    )  # fmt: skip


def test_best_takes_the_other_end_when_told_to(two, say):
    said = rows(say("api", "-p", "team/bert", "--best", "loss", "--max", "--format", "json"))
    assert said[-1]["id"] == "b1b1b1b1"


def test_one_run_is_no_comparison(two, say):
    assert "Name two: -c A,B" in say("api", "-p", "team/bert", "-c", "3k9x1mzp", code=2)


def test_a_project_that_is_not_there_is_an_error(two, say):
    assert "there is no project team/none" in say("api", "-p", "team/none", code=1)


def test_without_a_project_it_says_how_to_name_one(two, say):
    assert "-p ENTITY/PROJECT" in say("api", code=2)
    assert "Name its owner: -e ENTITY" in say("api", "-p", "bert", code=2)


def test_the_project_is_found_in_the_variables(two, say, monkeypatch):
    monkeypatch.setenv("WANDB_ENTITY", "team")
    monkeypatch.setenv("WANDB_PROJECT", "bert")
    assert "small lr" in say("api")


def test_the_project_is_found_in_the_settings_of_the_client(two, say, here):
    (here / "wandb").mkdir()
    (here / "wandb" / "settings").write_text("[default]\nentity = team\nproject = bert\n")
    assert "small lr" in say("api")


def test_the_project_is_found_in_runwise_json(two, say, here):
    (here / "runwise.json").write_text('{"wandb_project": "team/bert"}')
    assert "small lr" in say("api")


def test_the_newest_local_run_says_the_project_before_all_others(two, say, here, monkeypatch):
    import wandb

    monkeypatch.setenv("WANDB_ENTITY", "nobody")
    with wandb.init(project="bert", entity="team", mode="offline", dir=str(here)) as run:
        run.log({"loss": 1.0})
    monkeypatch.setenv("WANDB_PROJECT", "none")
    assert "small lr" in say("api")


def test_without_the_client_the_error_names_the_command_that_brings_it(two, say, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    said = say("api", "-p", "team/bert", code=1)
    assert "pip install 'runwise-cli[wandb]'" in said
    assert not two.asked
