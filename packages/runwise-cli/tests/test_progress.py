"""How far a run is: by the axis its trainer counts on, and only where an end is known."""

from __future__ import annotations

from array import array

import pytest

from runwise.curves import study
from runwise.progress import TOTAL_STEPS, measure, planned
from runwise_parsers import Series

NOW = 1_000_000.0


@pytest.fixture
def curves():
    """Make a study of curves logged every ``every`` seconds, the last of them at NOW."""

    def make(steps, every=2.0, **values):
        times = array("d", [NOW - every * (len(steps) - 1 - row) for row in range(len(steps))])
        columns = {"train/loss": [1.0] * len(steps), **values}
        return study(
            {
                name: Series(name, array("d", steps), array("d", column), times)
                for name, column in columns.items()
            }
        )

    return make


@pytest.mark.parametrize(
    ("config", "total"),
    [
        ({"max_steps": 500}, 500),
        ({"trainer": {"args": {"max_steps": 500}}}, 500),
        ({"a": {"max_steps": 500}, "b": {"max_steps": 900}}, 900),
        ({"total_steps": 7, "max_steps": 5}, 5),
        ({"max_steps": -1, "total_steps": 800}, 800),
        ({"max_steps": True}, None),
        ({"max_steps": "500"}, None),
        ({"max_steps": float("inf")}, None),
        ({"max_steps": float("nan")}, None),
        ({"max_steps": 10**400}, None),
        ({"max_steps": [500]}, None),
        ({}, None),
    ],
)
def test_the_planned_end_is_found_at_any_depth_and_must_be_plausible(config, total):
    assert planned(config, TOTAL_STEPS) == total


def test_a_run_is_measured_by_its_steps(info, curves):
    progress = measure(info(), {"max_steps": 1000}, curves(range(251)), NOW)
    assert (progress.done, progress.total, progress.share) == (250, 1000, 0.25)
    assert progress.interval == 2.0


def test_steps_that_count_from_zero_end_one_below_the_total(info, curves):
    assert measure(info(), {"max_steps": 100}, curves(range(100)), NOW).share == 1.0


def test_a_trainers_global_step_is_the_axis_where_the_tracker_counts_rows(info, curves):
    known = curves(range(50), **{"train/global_step": [10.0 * row for row in range(50)]})
    progress = measure(info(), {"max_steps": 1000}, known, NOW)
    assert (progress.done, progress.share) == (490, 0.49)


def test_epochs_count_where_no_steps_are_planned(info, curves):
    known = curves(range(40), epoch=[row / 10 for row in range(40)])
    progress = measure(info(), {"num_train_epochs": 10}, known, NOW)
    assert (progress.unit, progress.done, progress.total) == ("epoch", 3.9, 10)


def test_epochs_count_where_the_steps_planned_are_already_passed(info, curves):
    known = curves(range(40), epoch=[row / 10 for row in range(40)])
    progress = measure(info(), {"max_steps": 20, "epochs": 10}, known, NOW)
    assert (progress.unit, progress.share) == ("epoch", 0.39)


def test_without_a_plan_there_is_a_step_and_no_share(info, curves):
    progress = measure(info(), {}, curves(range(40)), NOW)
    assert (progress.done, progress.total, progress.share, progress.eta) == (39, None, None, None)


def test_a_run_past_its_plan_has_no_share(info, curves):
    assert measure(info(), {"max_steps": 20}, curves(range(40)), NOW).share is None


def test_an_eta_follows_the_pace_of_the_newest_rows(info, curves):
    running = info(state="running", updated=NOW)
    progress = measure(running, {"max_steps": 1000}, curves(range(251), every=3.0), NOW)
    assert progress.eta == pytest.approx(750 * 3.0)


def test_an_eta_knows_how_long_ago_the_newest_row_was(info, curves):
    running = info(state="running", updated=NOW)
    progress = measure(running, {"max_steps": 1000}, curves(range(251)), NOW + 60)
    assert progress.eta == pytest.approx(1500 - 60)


def test_an_eta_by_epochs_uses_the_pace_of_epochs(info, curves):
    known = curves(range(40), every=6.0, epoch=[row / 10 for row in range(40)])
    progress = measure(info(state="running", updated=NOW), {"epochs": 10}, known, NOW)
    assert progress.eta == pytest.approx(6.1 * 60)


def test_only_a_running_run_has_an_eta(info, curves):
    assert measure(info(state="crashed"), {"max_steps": 1000}, curves(range(40)), NOW).eta is None


def test_a_run_without_curves_is_where_its_log_says(info, curves):
    progress = measure(info(last_step=41.0), {"max_steps": 100}, study({}), NOW)
    assert (progress.done, progress.share) == (41, 0.41)
