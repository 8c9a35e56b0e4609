"""Curves of one run: which are read, how they stood at a step, their shape, and trouble."""

from __future__ import annotations

import math
from array import array

import pytest

from runwise.curves import Curve, is_internal, rhythm, study, up_to
from runwise.errors import NoSuchMetric
from runwise.history import pick, read
from runwise.workspace import Workspace
from runwise_parsers import Series, open_run

NAMES = ["lr", "train/loss", "val/loss", "val/acc", "_runtime", "wandb/x", "odd[1]"]


@pytest.fixture
def series():
    def make(name, steps, values=None, times=None):
        values = list(steps) if values is None else values
        clock = None if times is None else array("d", times)
        return Series(name, array("d", steps), array("d", values), clock)

    return make


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["lr"], ["lr"]),
        (["val/*"], ["val/loss", "val/acc"]),
        (["val/acc", "*"], ["val/acc", "lr", "train/loss", "val/loss", "odd[1]"]),
        (["*loss"], ["train/loss", "val/loss"]),
        (["odd[1]"], ["odd[1]"]),
        (["_*"], ["_runtime"]),
        (["lr", "lr"], ["lr"]),
        (["?r"], ["lr"]),
    ],
)
def test_patterns_pick_names_in_their_order_and_internal_ones_only_when_asked(patterns, found):
    assert pick(patterns, NAMES) == found


def test_a_pattern_that_fits_nothing_names_the_nearest():
    with pytest.raises(NoSuchMetric) as caught:
        pick(["trian/loss"], NAMES)
    assert caught.value.problem == "no metric 'trian/loss'"
    assert caught.value.remedy.startswith("Near: train/loss")


def test_a_name_like_no_other_is_answered_with_some_there_are():
    with pytest.raises(NoSuchMetric, match=r"There are: lr, train/loss, val/loss and 2 more\."):
        pick(["zzzz"], NAMES)


def test_a_run_without_metrics_says_so():
    with pytest.raises(NoSuchMetric, match="the run logged none"):
        pick(["loss"], ["_step"])


def test_only_what_is_asked_for_is_read_and_internal_keys_when_named(demo_runs):
    run = demo_runs.open(demo_runs.resolve("healthy")[0])
    assert not any(map(is_internal, read(run).series))
    assert list(read(run, ["val/*", "lr"]).series) == ["val/loss", "val/accuracy", "lr"]
    assert list(read(run, ["lr", "train/loss"]).series) == ["lr", "train/loss"]
    assert list(read(run, ["_runtime", "lr"]).series) == ["_runtime", "lr"]
    assert list(read(run, ["_runtime", "l?"]).series) == ["_runtime", "lr"]


def test_a_misspelt_metric_of_a_run_names_the_nearest(demo_runs):
    run = demo_runs.open(demo_runs.resolve("healthy")[0])
    with pytest.raises(NoSuchMetric, match="val/loss"):
        read(run, ["val_loss"])


def test_series_are_cut_at_a_step(series):
    cut = up_to({"loss": series("loss", [0, 10, 20, 30])}, 25)
    assert list(cut["loss"].steps) == [0, 10, 20]


def test_a_metric_that_began_later_is_absent_at_a_step(series):
    assert "val" not in up_to({"val": series("val", [50, 60])}, 25)


def test_after_a_restart_a_step_means_the_newest_stretch_that_has_it(series):
    restarted = series("loss", [0, 1, 2, 3, 4, 0, 1, 2], [9, 8, 7, 6, 5, 90, 80, 70])
    assert up_to({"loss": restarted}, 1)["loss"].last == 80
    assert up_to({"loss": restarted}, 4)["loss"].last == 70


def test_before_the_newest_stretch_began_the_one_before_counts(series):
    resumed = series("loss", [0, 1, 2, 3, 2, 3], [9, 8, 7, 6, 70, 60])
    assert up_to({"loss": resumed}, 1)["loss"].last == 6


def test_times_are_cut_with_their_series(series):
    cut = up_to({"loss": series("loss", [0, 1, 2], times=[5, 6, 7])}, 1)
    assert list(cut["loss"].times) == [5, 6]


def test_the_best_value_follows_the_better_direction(series):
    assert Curve(series("val/loss", [0, 1, 2], [3, 1, 2])).best().step == 1
    assert Curve(series("val/accuracy", [0, 1, 2], [0.1, 0.9, 0.8])).best().value == 0.9
    assert Curve(series("lr", [0, 1], [1, 2])).best() is None


def test_the_best_value_is_finite_and_absent_where_none_is(series):
    assert Curve(series("loss", [0, 1, 2], [math.nan, 1, -math.inf])).best().value == 1
    nothing = Curve(series("loss", [0, 1], [math.nan, math.nan])).best()
    assert nothing is None or nothing.value is None


def test_throughput_has_no_best(series):
    known = study({"samples_per_sec": series("samples_per_sec", [0, 1], [5, 6])})
    assert known.curves["samples_per_sec"].best() is None


def test_a_trend_is_that_of_the_newest_stretch(series):
    falling = [float(value) for value in range(20, 0, -1)]
    trend = Curve(series("loss", [*range(20), *range(20)], [*range(20), *falling])).trend()
    assert trend.direction == "down"
    assert trend.values[0] > trend.values[-1]


def test_a_trend_of_one_point_is_one_level(series):
    assert Curve(series("loss", [0], [2.0])).trend().values == (2.0,)


def test_roles_can_be_given_by_name(series):
    known = study({"objective": series("objective", [0, 1])}, {"objective": "train_loss"})
    assert [one.name for one in known.with_role("train_loss")] == ["objective"]


def test_the_rhythm_is_the_usual_time_between_rows(series):
    times = [0, 2, 4, 6, 100, 102, 104]
    assert rhythm([series("loss", range(7), times=times)]) == 2
    assert rhythm([series("loss", range(7))]) is None
    assert rhythm([series("loss", [0], times=[1])]) is None


def test_a_jump_where_a_run_was_resumed_is_no_spike(series):
    calm = [1.0 + 0.01 * (row % 7) for row in range(400)]
    warm_up = [20.0, 15.0, 10.0, 5.0]
    whole = series("train/loss", range(800), [*calm, *warm_up, *calm[4:]])
    jumped = study({"train/loss": whole}).diagnosis.findings
    assert [(group.kind, group.first.onset_step) for group in jumped] == [("loss_spike", 400)]
    resumed = [{"train/loss": 400}]
    assert study({"train/loss": whole}, resumed=resumed).diagnosis.findings == ()


def test_a_file_in_which_steps_fall_tells_where_it_was_resumed(write_run):
    rows = [{"step": step, "loss": 1.0} for step in [*range(5), *range(3)]]
    history = read(open_run(write_run("a", rows)))
    assert history.resumed == [{"loss": 5}]


def test_a_role_from_the_settings_reaches_the_reports(write_run, tmp_path):
    write_run("a", [{"step": step, "cost_xyz": 1.0} for step in range(40)])
    (tmp_path / "runwise.json").write_text('{"schema_inline": {"loss_key": "cost_xyz"}}')
    assert Workspace().settings.roles == {"cost_xyz": "train_loss"}
