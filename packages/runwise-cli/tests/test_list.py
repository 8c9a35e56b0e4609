"""The list of runs: the newest first, a line each, and one bad run spoils nothing."""

from __future__ import annotations

import pytest

from runwise import reports
from runwise.errors import NoRuns, NoSuchMetric
from runwise.workspace import Workspace
from runwise_format import render


@pytest.fixture
def table():
    """Return the list's rows as mappings from column to cell."""

    def get(document):
        block = document.blocks[0]
        heads = [column.label or column.key for column in block.columns]
        return [dict(zip(heads, row, strict=True)) for row in block.rows]

    return get


def test_each_run_has_its_state_step_age_loss_and_trend(demo_runs, table):
    now = demo_runs.resolve("healthy")[0].updated + 60
    rows = {row["id"]: row for row in table(reports.list_runs(demo_runs, now=now))}
    assert set(rows) == {"heal", "over", "spik", "nan0", "kill"}
    assert rows["heal"]["age"] == 60
    assert rows["heal"]["step"] == 998
    assert rows["kill"]["state"] == "crashed"
    assert rows["heal"]["train/loss"] == pytest.approx(0.2435)
    assert rows["heal"]["trend"].direction == "down"


def test_the_verdict_counts_states(demo_runs):
    assert reports.list_runs(demo_runs).verdict == "5 runs: 4 finished, 1 crashed"


def test_only_the_newest_are_shown_and_the_rest_counted(demo_runs, table):
    document = reports.list_runs(demo_runs, limit=2)
    assert [row["id"] for row in table(document)] == ["kill", "nan0"]
    assert document.dropped == ["3 older runs"]


def test_the_metric_has_a_column_where_runs_log_different_ones(write_run, table):
    write_run("a", [{"step": step, "loss": 1.0} for step in range(3)])
    write_run("b", [{"step": step, "val/accuracy": 0.5} for step in range(3)])
    write_run("c", [{"step": step, "whatever": 0.5} for step in range(3)])
    metrics = {row["id"]: row["metric"] for row in table(reports.list_runs(Workspace()))}
    assert metrics == {"a": "loss", "b": "val/accuracy", "c": None}


def test_names_have_a_column_only_where_there_are_some(write_run, training, table):
    write_run("a", training(3))
    assert "name" not in table(reports.list_runs(Workspace()))[0]


def test_metrics_asked_for_have_columns_of_their_own(demo_runs, table):
    rows = table(reports.list_runs(demo_runs, keys=["lr", "val/*"]))
    assert list(rows[0])[-3:] == ["lr", "val/loss", "val/accuracy"]
    assert "trend" not in rows[0]


def test_a_metric_too_rare_for_a_glance_is_found_when_named(write_run, table):
    rows = [{"step": step, "loss": 1.0} for step in range(5000)]
    rows[2503]["eval/bleu"] = 0.25
    write_run("a", rows)
    assert table(reports.list_runs(Workspace(), keys=["eval/bleu"]))[0]["eval/bleu"] == 0.25


def test_a_metric_may_be_called_like_a_column(write_run, table):
    write_run("a", [{"epoch": step, "state": 7.0 + step} for step in range(3)])
    document = reports.list_runs(Workspace(), keys=["state"])
    assert document.blocks[0].rows[0][-1] == 9.0
    assert '"unknown"' in render(document, "json")


def test_a_metric_that_only_some_runs_have_leaves_the_others_empty(write_run, table):
    write_run("a", [{"step": 1, "loss": 1.0}])
    write_run("b", [{"step": 1, "acc": 0.5}])
    rows = {row["id"]: row["acc"] for row in table(reports.list_runs(Workspace(), keys=["acc"]))}
    assert rows == {"a": None, "b": 0.5}


def test_a_metric_that_no_run_has_is_an_error_that_names_the_nearest(demo_runs):
    with pytest.raises(NoSuchMetric, match="train/loss"):
        reports.list_runs(demo_runs, keys=["trian/loss"])


def test_the_last_value_is_the_last_even_if_newer_rows_lack_it(write_run, table):
    rows = [{"step": step, "loss": 1000.0 - step} for step in range(1000)]
    write_run("a", [*rows, {"step": 1000, "val/accuracy": 0.5}])
    assert table(reports.list_runs(Workspace()))[0]["loss"] == 1.0


def test_the_primary_metric_of_the_settings_comes_first(write_run, training, tmp_path, table):
    write_run("a", training(10))
    (tmp_path / "runwise.json").write_text('{"schema_inline": {"primary_metric": "lr"}}')
    assert table(reports.list_runs(Workspace()))[0]["lr"] == 0.001


def test_no_runs_at_all_is_an_error(tmp_path):
    with pytest.raises(NoRuns):
        reports.list_runs(Workspace(tmp_path))


def test_a_damaged_run_is_listed_and_the_others_are_right(demo, tmp_path, table):
    import shutil

    shutil.copytree(demo / "wandb", tmp_path / "wandb")
    (log,) = tmp_path.glob("wandb/*healthy1/*.wandb")
    log.write_bytes(b"\xff" * 5000)
    (log,) = tmp_path.glob("wandb/*spike001/*.wandb")
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    rows = {row["id"]: row for row in table(reports.list_runs(Workspace()))}
    assert len(rows) == 5
    assert rows["nan0"]["state"] == "finished"
    assert rows["spik"]["state"] == "crashed"


def test_a_file_that_went_away_leaves_the_others_as_they_are(write_run, training, table):
    write_run("a", training(3))
    gone = write_run("b", training(3))
    workspace = Workspace()
    assert len(workspace.runs) == 2
    gone.unlink()
    rows = {row["id"]: row["train/loss"] for row in table(reports.list_runs(workspace))}
    assert rows["a"] == 2 / (1 + 2 / 20)
    assert rows.get("b") is None
