"""The summary of a run: where it is, how old that is, what is wrong, its metrics."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace

import pytest

from runwise import reports
from runwise.errors import NoSuchMetric
from runwise.workspace import Workspace
from runwise_format import Fields, render

BEGIN = 1_700_000_000.0


@pytest.fixture
def block():
    """Return the block of a document that has this key."""

    def get(document, key):
        return next(one for one in document.blocks if one.key == key)

    return get


def test_the_verdict_says_state_progress_age_and_health(demo_runs):
    run = demo_runs.resolve("healthy")[0]
    document = reports.summary(demo_runs, "healthy", now=run.updated + 7200)
    assert document.verdict == (
        "healthy (healthy1) finished, step 998 of 1000 (99%), ran 11s, ended 2h ago; "
        "health 100: nothing found"
    )


def test_a_killed_run_says_that_nobody_recorded_its_end(demo_runs):
    document = reports.summary(demo_runs, "killed")
    assert "crashed (no exit record), step 548 of 1000 (54%)" in document.verdict
    assert ", last sign " in document.verdict


def test_a_running_run_says_how_often_rows_come(write_run, training):
    write_run("a", training(250))
    workspace = Workspace()
    (run,) = workspace.runs
    now = BEGIN + 2 * 249
    workspace.__dict__["runs"] = (replace(run, state="running"),)
    text = render(reports.summary(workspace, "a", now=now + 4))
    assert text.startswith(
        "a running, step 249, runs 8min18s, last sign 4s ago, usually every 2s; health 100"
    )


def test_findings_carry_their_steps(write_run, spiky):
    write_run("a", spiky(spike=200, nan=300))
    text = render(reports.summary(Workspace(), "a"))
    assert "critical non_finite train/loss step 300" in text
    assert "warning loss_spike train/loss step 200" in text


def test_a_point_shows_the_run_as_it_stood_there(write_run, spiky, block):
    write_run("a", spiky())
    document = reports.summary(Workspace(), "a@50%")
    assert "at step 199" in document.verdict  # of 0 to 399, the half is 199.5
    assert "nothing found" in document.verdict
    last = {row[0]: row[1] for row in block(document, "metrics").rows}
    assert last["train/loss"] == 2 / (1 + 199 / 20)
    assert block(document, "run").items["eta_seconds"] is None


def test_a_point_beyond_the_end_is_the_end_and_said(write_run, training):
    write_run("a", training(50))
    text = render(reports.summary(Workspace(), "a@5000"))
    assert "at step 49" in text
    assert "- step 5000 was not reached: this is the newest" in text


def test_a_point_before_the_first_row_has_no_metric(write_run, training):
    rows = training(50)
    write_run("a", rows[10:])
    assert "no metric logged by then" in reports.summary(Workspace(), "a@3").verdict


def test_named_metrics_are_the_only_ones_shown(demo_runs, block):
    document = reports.summary(demo_runs, "nan", keys=["lr", "val/*"])
    assert [row[0] for row in block(document, "metrics").rows] == [
        "lr", "val/loss", "val/accuracy",
    ]  # fmt: skip
    assert not block(document, "other_metrics").items
    assert not block(document, "summary").items


def test_named_metrics_do_not_change_how_far_the_run_is(demo_runs):
    whole = reports.summary(demo_runs, "healthy").verdict
    part = reports.summary(demo_runs, "healthy", keys=["lr"]).verdict
    assert part.startswith("healthy (healthy1) finished, step 998 of 1000 (99%)")
    assert whole.startswith(part.partition(", ran")[0])


def test_a_part_of_a_run_gets_no_score_but_its_findings(demo_runs, block):
    document = reports.summary(demo_runs, "nan", keys=["train/loss"])
    assert document.verdict.endswith("; 1 critical")
    assert block(document, "run").items["health"] is None
    assert "; health" not in reports.summary(demo_runs, "healthy", keys=["lr"]).verdict


def test_a_misspelt_metric_names_the_nearest(demo_runs):
    with pytest.raises(NoSuchMetric, match="Near: train/loss"):
        reports.summary(demo_runs, "nan", keys=["train/los"])


def test_trouble_is_not_looked_for_where_nobody_wants_it(demo_runs):
    text = render(reports.summary(demo_runs, "nan", anomalies=False))
    assert "health" not in text
    assert "!" not in text


def test_metrics_with_a_role_are_shown_in_full_and_the_others_by_value(write_run, training, block):
    write_run("a", training(40, **{f"extra_{number}": number for number in range(40)}))
    document = reports.summary(Workspace(), "a")
    assert [row[0] for row in block(document, "metrics").rows] == ["train/loss", "train/accuracy"]
    others = list(block(document, "other_metrics").items)
    assert others[:4] == ["extra_0", "extra_1", "extra_2", "extra_3"]
    assert document.dropped == ["17 metrics"]


def test_a_run_without_any_row_says_so(tmp_path):
    (tmp_path / "metrics.jsonl").write_bytes(b"")
    document = reports.summary(Workspace(), "metrics.jsonl")
    assert "unknown, no metric logged" in document.verdict
    assert "ran" not in document.verdict
    assert document.more == ""
    assert "health" not in document.verdict


def test_few_rows_are_not_judged(write_run, training):
    write_run("a", training(5))
    assert "not judged: 5 records are too few" in reports.summary(Workspace(), "a").verdict


def test_numbers_of_every_kind_can_be_shown(write_run):
    odd = [math.nan, math.inf, -math.inf, 1e308, -1e-308, 0.0, 10**30]
    write_run("a", [{"step": step, "loss": value} for step, value in enumerate(odd)])
    for output in ("compact", "text", "json"):
        assert render(reports.summary(Workspace(), "a"), output)


def test_more_is_a_command_that_can_be_typed(write_run, training):
    write_run("name with space", training(5))
    for document in (
        reports.summary(Workspace(), "latest"),
        reports.list_runs(Workspace()),
        reports.keys(Workspace(), "latest"),
    ):
        program, _, ref = shlex.split(document.more)
        assert program == "runwise"
        assert Workspace().resolve(ref)[0].id == "name with space"


def test_a_guess_is_said(demo_runs):
    assert "- 'FITT' was taken for overfitting" in render(reports.summary(demo_runs, "FITT"))


def test_notes_are_bounded(tmp_path):
    from runwise.reports.parts import MOST_NOTES, notes
    from runwise_parsers import Gap

    block = notes([Gap(f"piece {number}", "lost", "Nothing.") for number in range(50)], "first")
    assert len(block.lines) == MOST_NOTES + 1
    assert block.lines[0] == "first"
    assert block.lines[-1] == "45 more notes"


def test_what_a_script_wrote_into_its_summary_is_shown_once(demo_runs, block, info):
    from runwise.reports.summary_report import _leaves

    assert dict(_leaves("best", 0.5)) == {"best": 0.5}
    assert dict(_leaves("val/loss", {"min": 0.25, "_hidden": 1})) == {"val/loss.min": 0.25}
    assert dict(_leaves("image", {"_type": "image-file", "width": 3})) == {}
    assert dict(_leaves("list", [1, 2])) == {}
    healthy = reports.summary(demo_runs, "healthy")
    assert not block(healthy, "summary").items
    assert isinstance(block(healthy, "run"), Fields)
