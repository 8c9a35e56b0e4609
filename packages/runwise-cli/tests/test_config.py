"""Settings come from a flag, the environment, runwise.json, or a default, in this order."""

from __future__ import annotations

import json

import pytest

from runwise.config import read_settings
from runwise.errors import BadSetting

ALL_OF_0_5 = {
    "project_name": "demo",
    "wandb_dir": "wandb",
    "logs_dir": "logs",
    "downsample_interval": 100,
    "wandb_project": "demo",
    "anomaly_detection": {"spike_threshold": 3.5},
    "max_validation_history": 5,
    "schema_inline": {
        "loss_key": "objective",
        "step_key": "_step",
        "primary_metric": "val/acc",
        "primary_metric_name": "Accuracy",
        "groups": [],
        "per_step_pattern": "train/ce_step_{i}",
        "num_steps": 3,
        "validation_sets": {"val": "Validation"},
        "custom_analyzers": [],
    },
}


@pytest.fixture
def settle(tmp_path):
    """Write runwise.json and read the settings."""

    def write(content, env=None, **options):
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        (tmp_path / "runwise.json").write_bytes(text)
        return read_settings(tmp_path, env or {}, **options)

    return write


def test_every_key_of_runwise_0_5_is_accepted(settle):
    settings = settle(ALL_OF_0_5)
    assert settings.project == "demo"
    assert settings.primary == "val/acc"
    assert settings.roles == {"objective": "train_loss"}


def test_keys_without_effect_are_remarked_upon(settle):
    remarks = settle(ALL_OF_0_5).remarks
    assert "runwise.json: max_validation_history has no effect" in remarks
    assert "runwise.json: schema.custom_analyzers has no effect" in remarks
    assert not any("project_name" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("content", "problem", "remedy"),
    [
        ({"projectname": "x"}, "nobody knows the key 'projectname'", "Did you mean project_name?"),
        ({"anomaly_detection": {"spike": 1}}, "kind 'spike' is unknown", "runwise explain"),
        ({"anomaly_detection": 3}, "anomaly_detection is not a JSON object", "Write {...} there."),
        ({"qqqq": 1}, "nobody knows the key 'qqqq'", "Remove it."),
        (
            {"schema_inline": {"losskey": "x"}},
            "nobody knows the key 'losskey'",
            "Did you mean loss_key?",
        ),
        ([1, 2], "is not a JSON object", "Write {...} there."),
        ({"schema_inline": [1]}, "is not a JSON object", "Write {...} there."),
        ({"project_name": 5}, "project_name is 5, not a text", 'Write "project_name": "..."'),
        ({"wandb_dir": []}, "wandb_dir is [], not a text", 'Write "wandb_dir"'),
        ({"schema": "none.json"}, "none.json cannot be read", "Mend or remove it."),
        (b"{not json", "cannot be read", "Mend or remove it."),
        (b"\x00\xff\xfe", "cannot be read", "Mend or remove it."),
        (b"", "cannot be read", "Mend or remove it."),
        (b"[" * 100_000, "cannot be read", "Mend or remove it."),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_that_says_what_to_do(
    settle, content, problem, remedy
):
    with pytest.raises(BadSetting) as caught:
        settle(content)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


def test_the_schema_may_be_a_file_beside_the_settings(settle, tmp_path):
    (tmp_path / "schema.json").write_text('{"loss_key": "cost"}')
    assert settle({"schema": "schema.json"}).roles == {"cost": "train_loss"}


def test_the_file_is_found_above_but_not_beyond_the_repository(settle, tmp_path):
    settle({"project_name": "above"})
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert read_settings(inner, {}).project == "above"
    assert read_settings(inner, {}, above=False).project == ""
    (tmp_path / "a" / ".git").mkdir()
    assert read_settings(inner, {}).project == ""


def test_directories_are_relative_to_the_file_and_looked_in_once(settle, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    outside.mkdir()
    settings = settle({"wandb_dir": "inside", "logs_dir": f"../{outside.name}"})
    assert [path.resolve() for path in settings.roots] == [tmp_path, outside]


def test_a_hidden_directory_inside_the_project_is_looked_in_too(settle, tmp_path):
    (tmp_path / ".runs").mkdir()
    assert settle({"wandb_dir": ".runs"}).roots == (tmp_path, tmp_path / ".runs")


def test_a_variable_wins_over_the_file(settle, tmp_path):
    for name in ("file", "ours", "theirs"):
        (tmp_path / f".{name}").mkdir()
    ours = {"RUNWISE_WANDB_DIR": str(tmp_path / ".ours"), "WANDB_DIR": str(tmp_path / ".theirs")}
    theirs = {"WANDB_DIR": str(tmp_path / ".theirs")}
    assert settle({"wandb_dir": ".file"}, ours).roots[1].name == ".ours"
    assert settle({"wandb_dir": ".file"}, theirs).roots[1].name == ".theirs"
    assert settle({"wandb_dir": ".file"}).roots[1].name == ".file"


def test_a_variable_of_ours_that_names_nothing_is_an_error(tmp_path):
    with pytest.raises(BadSetting, match="RUNWISE_LOGS_DIR=nowhere is not a directory"):
        read_settings(tmp_path, {"RUNWISE_LOGS_DIR": "nowhere"})


def test_a_directory_the_tracker_has_not_made_yet_is_no_error(settle, tmp_path):
    assert settle({"logs_dir": "later"}, {"WANDB_DIR": "later"}).roots == (tmp_path,)


def test_the_project_may_be_named_by_a_variable_and_a_flag_wins(tmp_path):
    (tmp_path / "named").mkdir()
    env = {"RUNWISE_PROJECT_ROOT": str(tmp_path / "named")}
    assert read_settings(None, env).root == tmp_path / "named"
    assert read_settings(tmp_path, env).root == tmp_path


@pytest.mark.parametrize("name", ["nowhere", "a\0b", "x" * 5000])
def test_a_project_that_is_no_directory_is_an_error_that_names_the_flag(tmp_path, name):
    with pytest.raises(BadSetting, match=r"-C .* is not a directory"):
        read_settings(tmp_path / name, {})
    if "\0" not in name:
        with pytest.raises(BadSetting, match="RUNWISE_PROJECT_ROOT"):
            read_settings(None, {"RUNWISE_PROJECT_ROOT": name})
