"""Exact statistics, steadiness, and which run is best."""

from __future__ import annotations

import csv
import io
import math
from statistics import fmean, pstdev

import pytest

from runwise import reports
from runwise.errors import BadSetting, NoRuns, NoSuchMetric
from runwise.workspace import Workspace
from runwise_format.cells import At


@pytest.fixture
def rows():
    """Return the rows of a table as dictionaries by their first cell."""

    def get(document, key):
        one = next(one for one in document.blocks if one.key == key)
        keys = [column.key for column in one.columns]
        return {row[0]: dict(zip(keys, row, strict=True)) for row in one.rows}

    return get


@pytest.fixture
def lines():
    def get(document):
        return [line for one in document.blocks if one.key == "notes" for line in one.lines]

    return get


def test_statistics_are_those_of_every_point(write_run, rows):
    values = [math.sin(step) + step / 50 for step in range(300)]
    write_run("a", [{"step": step, "loss": value} for step, value in enumerate(values)])
    found = rows(reports.stats(Workspace(), "a"), "stats")["loss"]
    assert found["count"] == 300
    assert found["min"] == At(min(values), values.index(min(values)))
    assert found["max"] == At(max(values), values.index(max(values)))
    assert found["mean"] == pytest.approx(fmean(values))
    assert found["std"] == pytest.approx(pstdev(values))
    assert found["last"] == values[-1]
    assert found["best"] == found["min"]


def test_what_is_not_finite_is_counted_and_left_out(write_run, rows):
    values = [1.0, math.nan, 3.0, math.inf, -math.inf, math.nan]
    write_run("a", [{"step": step, "loss": value} for step, value in enumerate(values)])
    found = rows(reports.stats(Workspace(), "a"), "stats")["loss"]
    assert (found["count"], found["mean"], found["nan"], found["inf"]) == (2, 2.0, 2, 2)
    assert math.isnan(found["last"])


def test_a_curve_of_nothing_finite_has_no_extremes(write_run, rows):
    write_run("a", [{"step": step, "loss": math.nan} for step in range(5)])
    found = rows(reports.stats(Workspace(), "a"), "stats")["loss"]
    assert (found["count"], found["min"], found["mean"], found["nan"]) == (0, None, None, 5)


def test_a_point_ends_the_statistics(write_run, training, rows):
    write_run("a", training(100))
    found = rows(reports.stats(Workspace(), "a@49", keys=["lr"]), "stats")
    assert found["lr"]["count"] == 50


def test_statistics_of_no_metric_say_so(write_run, tmp_path, lines):
    write_run("metrics", [])
    document = reports.stats(Workspace(), str(tmp_path / "metrics.jsonl"))
    assert document.verdict.endswith("0 metrics, no metric logged")
    assert lines(document)


def test_a_steady_curve_is_stable_and_a_wild_one_noisy(write_run, rows):
    write_run(
        "a",
        [
            {"step": 10 * at, "loss": 5 - at / 200, "wild": float(at % 2), "calm": 1.0}
            for at in range(1000)
        ],
    )
    found = rows(reports.stability(Workspace(), "a", keys=["loss", "wild", "calm"]), "stability")
    assert found["loss"]["slope"] == pytest.approx(-0.5)  # per 1,000 steps, ten apart
    assert found["loss"]["status"] == "MODERATE" if found["loss"]["share"] >= 0.05 else "STABLE"
    assert (found["wild"]["status"], found["wild"]["final_std"]) == ("NOISY", pytest.approx(0.5))
    assert (found["calm"]["status"], found["calm"]["trend"]) == ("STABLE", "steady")


def test_a_curve_that_calms_down_is_stabilising(write_run, rows):
    loss = [(-1) ** at * (2 - at / 600) for at in range(1000)]
    write_run("a", [{"step": at, "loss": value} for at, value in enumerate(loss)])
    found = rows(reports.stability(Workspace(), "a"), "stability")["loss"]
    assert found["trend"] == "stabilising"


def test_rolling_rows_are_plain_csv(ask, write_run):
    values = [math.sin(step) for step in range(400)]
    write_run("a", [{"step": step, "loss": value} for step, value in enumerate(values)])
    shown = ask("stability", "a", "-k", "loss", "-w", 50, "--csv", "-n", 20).stdout
    found = list(csv.DictReader(io.StringIO(shown)))
    assert len(found) == 20
    assert (found[0]["step"], found[-1]["step"]) == ("49", "399")
    for row in found:
        window = values[int(row["step"]) - 49 : int(row["step"]) + 1]
        assert float(row["loss_mean"]) == pytest.approx(fmean(window), rel=1e-4, abs=1e-6)
        assert float(row["loss_std"]) == pytest.approx(pstdev(window), rel=1e-4)


def test_short_curves_are_looked_at_in_halves(write_run, lines, rows):
    write_run("a", [{"step": at, "loss": float(at)} for at in range(20)])
    document = reports.stability(Workspace(), "a")
    assert rows(document, "stability")["loss"]["window"] == 10
    assert "1 curve below 200 points: windows of half the length" in lines(document)


def test_one_point_and_nan_are_not_judged(write_run, rows):
    write_run("a", [{"step": 1, "loss": 1.0, "x": math.nan}])
    document = reports.stability(Workspace(), "a", keys=["loss", "x"])
    assert "2 not judged" in document.verdict
    assert rows(document, "stability")["loss"]["final_std"] is None


@pytest.mark.parametrize("window", [1, 0, -5])
def test_a_window_without_a_spread_is_refused(write_run, training, window):
    write_run("a", training(20))
    with pytest.raises(BadSetting, match="no spread"):
        reports.stability(Workspace(), "a", window=window)
    with pytest.raises(BadSetting, match="too few"):
        reports.rolling_rows(Workspace(), "a", points=7)


def test_the_best_value_is_that_of_the_whole_run_not_its_last(write_run, rows):
    write_run("early", [{"step": at, "val/loss": abs(at - 10) + 1.0} for at in range(30)])
    write_run("late", [{"step": at, "val/loss": 30.0 - at} for at in range(29)])
    write_run("none", [{"step": at, "other": 1.0} for at in range(9)])
    document = reports.best(Workspace(), "val/loss")
    assert document.verdict == "early has the lowest val/loss of 2 runs, 1 without it"
    found = rows(document, "runs")
    assert list(found) == ["early", "late"]
    assert (found["early"]["best"], found["early"]["last"]) == (At(1.0, 10), 20.0)


def test_the_direction_follows_the_name_unless_it_is_given(write_run, rows):
    for name, value in (("a", 0.5), ("b", 0.9)):
        write_run(name, [{"step": at, "accuracy": value, "loss": value} for at in range(9)])
    workspace = Workspace()
    assert "b has the highest accuracy" in reports.best(workspace, "accuracy").verdict
    assert "a has the lowest loss" in reports.best(workspace, "loss").verdict
    assert list(rows(reports.best(workspace, "loss", direction="max"), "runs")) == ["b", "a"]


def test_an_unknown_direction_is_stated(ask, write_run):
    write_run("a", [{"step": at, "foo": 1.0 * at} for at in range(9)])
    assert "which end of foo is better nobody knows" in ask("best", "foo").stdout
    assert "nobody knows" not in ask("best", "foo", "--max").stdout


def test_runs_whose_values_are_all_nan_are_counted(write_run):
    write_run("a", [{"step": at, "loss": 1.0} for at in range(9)])
    write_run("b", [{"step": at, "loss": math.nan} for at in range(9)])
    assert reports.best(Workspace(), "loss").verdict.endswith("1 without a finite value")


def test_only_the_top_is_shown_and_the_rest_counted(write_run, rows):
    for at in range(5):
        write_run(f"run{at}", [{"step": 0, "loss": float(at)}, {"step": 1, "loss": 9.0}])
    document = reports.best(Workspace(), "loss", limit=2)
    assert list(rows(document, "runs")) == ["run0", "run1"]
    assert document.dropped == ["3 runs"]


def test_a_metric_nobody_logged_names_the_nearest(write_run):
    write_run("a", [{"step": at, "val/loss": 1.0} for at in range(9)])
    with pytest.raises(NoSuchMetric, match="val/loss"):
        reports.best(Workspace(), "vall/loss")


def test_best_of_no_runs_says_where_it_looked(tmp_path):
    with pytest.raises(NoRuns):
        reports.best(Workspace(tmp_path), "loss")
