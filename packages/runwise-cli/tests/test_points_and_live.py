"""Points named by what happened there, and how a run is going this moment."""

from __future__ import annotations

import time

import pytest

from runwise import reports
from runwise.errors import NoPoints, NoSuchMetric
from runwise.workspace import Workspace
from runwise_format import render


@pytest.fixture
def staged(write_run):
    """Write a run with three stages and a validation loss that turns at step 30."""
    rows = [
        {"step": at, "time": time.time() - 120 + at, "loss": 3 - at / 50, "stage": at // 40 + 1,
         "val/loss": 1 + abs(at - 30) / 100}
        for at in range(120)
    ]  # fmt: skip
    write_run("staged", rows)
    return Workspace()


def test_the_best_of_a_metric_is_a_point(staged):
    _, point, remark = staged.resolve("staged@best:val/loss")
    assert point.step == 30
    assert remark == "lowest val/loss at step 30"
    document = reports.summary(staged, "staged@best:val/loss")
    assert "at step 30" in document.verdict


def test_the_end_of_a_stage_is_a_point(staged):
    assert staged.resolve("staged@stage:2")[1].step == 79
    compared = reports.compare(staged, ["staged@stage:1", "staged@stage:2"])
    assert "@39" in compared.verdict
    assert "@79" in compared.verdict


def test_a_point_that_is_not_there_is_an_error_that_says_what_is(staged):
    with pytest.raises(NoPoints, match="was 1, 2, 3"):
        staged.resolve("staged@stage:9")
    with pytest.raises(NoSuchMetric, match="val/loss"):
        staged.resolve("staged@best:val/los")


def test_a_run_may_be_called_like_a_point(write_run, training):
    write_run("exp@best:of", training(20))
    assert Workspace().resolve("exp@best:of")[1] is None


def test_live_shows_newest_values_and_where_to_ask_from_next(staged):
    document = reports.live(staged)
    text = render(document, "compact")
    assert "staged running" in document.verdict
    assert "val/loss 1.89" in text
    assert document.more == "runwise live staged --since 119"


def test_live_since_a_step_shows_what_moved_from_where(staged):
    table = next(
        block for block in reports.live(staged, since=100).blocks if block.key == "metrics"
    )
    moved = {row[0]: row[1:] for row in table.rows}
    assert moved["val/loss"] == (pytest.approx(1.7), pytest.approx(1.89))
    nothing = render(reports.live(staged, since=500), "compact")
    assert "nothing new since step 500" in nothing


def test_other_runs_that_are_active_are_named(write_run, training):
    now = time.time()
    for name in ("one", "two", "three"):
        rows = [row | {"time": now - 40 + at} for at, row in enumerate(training(40))]
        write_run(name, rows)
    text = render(reports.live(Workspace(), "one"), "compact")
    assert "also running: " in text
    assert "two" in text
    assert "three" in text
