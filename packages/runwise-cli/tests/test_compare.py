"""Runs side by side: who is better, by how much, and whether the comparison is fair."""

from __future__ import annotations

import math

import pytest

from runwise import reports
from runwise.errors import BadSetting, NoSuchMetric, NoSuchRun
from runwise.reports import reading, sides
from runwise.workspace import Workspace
from runwise_format import render

BEGIN = 1_700_000_000.0


@pytest.fixture
def pair(write_run):
    """Write two runs of the same length, from functions of the step."""

    def make(first, second, count=100, every=1):
        for name, of in (("base", first), ("other", second)):
            steps = range(0, count * every, every)
            write_run(name, [{"step": step, "time": BEGIN + step, **of(step)} for step in steps])
        return Workspace()

    return make


@pytest.fixture
def rows():
    """Return the rows of a comparison as dictionaries by metric."""

    def get(document):
        found = {}
        for one in document.blocks:
            if one.key.startswith("metrics"):
                keys = [column.key for column in one.columns]
                found |= {row[0]: dict(zip(keys, row, strict=True)) for row in one.rows}
        return found

    return get


@pytest.fixture
def lines():
    def get(document):
        return [line for one in document.blocks if one.key == "notes" for line in one.lines]

    return get


def test_each_metric_is_judged_in_its_own_direction(pair, rows):
    workspace = pair(
        lambda _: {"val/loss": 0.5, "val/accuracy": 0.8, "lr": 0.1},
        lambda _: {"val/loss": 0.4, "val/accuracy": 0.6, "lr": 0.2},
    )
    found = rows(reports.compare(workspace, ["base", "other"]))
    assert found["val/loss"]["is"] == "better"
    assert found["val/loss"]["delta"] == pytest.approx(-0.1)
    assert found["val/loss"]["change"] == pytest.approx(-0.2)
    assert found["val/accuracy"]["is"] == "worse"
    assert found["val/accuracy"]["change"] == pytest.approx(-0.25)
    assert found["lr"]["is"] is None
    assert found["lr"]["change"] == pytest.approx(1.0)


def test_best_values_are_those_of_the_whole_curve(pair, rows):
    workspace = pair(
        lambda step: {"val/loss": abs(step - 30) / 100 + 0.1},
        lambda step: {"val/loss": abs(step - 60) / 100 + 0.2},
    )
    found = rows(reports.compare(workspace, ["base", "other"]))["val/loss"]
    assert (found["A_best"], found["A_best_step"]) == (pytest.approx(0.1), 30)
    assert (found["B_best"], found["B_best_step"]) == (pytest.approx(0.2), 60)
    assert (found["A_last"], found["B_last"]) == (pytest.approx(0.79), pytest.approx(0.59))


def test_a_step_means_the_nearest_logged_one_and_the_earlier_of_two(pair, rows, lines):
    workspace = pair(
        lambda step: {"loss": 1.0 * step}, lambda step: {"loss": 1.0 * step}, every=10
    )
    document = reports.compare(workspace, ["base@505", "other@500"], threshold=0)
    found = rows(document)["loss"]
    assert (found["A_step"], found["A_last"]) == (500, 500.0)
    assert (found["B_step"], found["B_last"]) == (500, 500.0)
    assert any(line.startswith("A, nearest logged step: 500 for loss") for line in lines(document))
    document = reports.compare(workspace, ["base@507", "other@12"])
    assert rows(document)["loss"]["A_step"] == 510
    assert rows(document)["loss"]["B_step"] == 10


def test_a_step_chooses_for_each_metric_its_own_nearest(write_run, rows):
    for name in ("base", "other"):
        rows_of_it = [{"step": step, "loss": 1.0 * step} for step in range(200)]
        for row in rows_of_it[::40]:
            row["val/loss"] = 2.0 * row["step"]
        write_run(name, rows_of_it)
    found = rows(reports.compare(Workspace(), ["base@90", "other@90"], threshold=0))
    assert (found["loss"]["A_step"], found["val/loss"]["A_step"]) == (90, 80)


def test_a_step_logged_twice_counts_as_it_was_logged_last(write_run, rows):
    first = [{"step": step, "loss": 1.0} for step in range(100)]
    again = [{"step": step, "loss": 2.0} for step in range(50, 100)]
    write_run("base", [*first, *again])
    write_run("other", [{"step": step, "loss": 3.0} for step in range(100)])
    found = rows(reports.compare(Workspace(), ["base@70", "other@70"]))["loss"]
    assert found["A_last"] == 2.0
    found = rows(reports.compare(Workspace(), ["base@20", "other@70"]))["loss"]
    assert found["A_last"] == 1.0


def test_a_prefix_without_regard_to_case_filters(pair, rows):
    workspace = pair(
        lambda step: {"Val/loss": step + 1.0, "train/loss": step + 1.0},
        lambda step: {"Val/loss": step + 2.0, "train/loss": step + 2.0},
    )
    assert list(rows(reports.compare(workspace, ["base", "other"], prefix="val/"))) == ["Val/loss"]
    with pytest.raises(NoSuchMetric, match="There are"):
        reports.compare(workspace, ["base", "other"], prefix="test")


def test_a_threshold_is_inclusive_and_counts_what_it_hides(pair, rows):
    workspace = pair(
        lambda _: {"a": 100.0, "b": 100.0, "c": 0.0, "d": 100.0},
        lambda _: {"a": 105.0, "b": 104.9, "c": 0.1, "d": 100.0},
    )
    document = reports.compare(workspace, ["base", "other"], threshold=5)
    assert list(rows(document)) == ["a", "c"]
    assert document.dropped == ["2 metrics below 5%"]


def test_groups_are_tables_by_prefix(pair):
    workspace = pair(
        lambda _: {"train/loss": 1.0, "val/loss": 1.0, "lr": 1.0},
        lambda _: {"train/loss": 2.0, "val/loss": 2.0, "lr": 2.0},
    )
    document = reports.compare(workspace, ["base", "other"], group=True)
    titles = [one.title for one in document.blocks if one.key.startswith("metrics")]
    assert sorted(titles) == ["other", "train", "val"]


def test_metrics_of_one_run_only_are_named(pair, lines):
    workspace = pair(lambda _: {"loss": 1.0, "mine": 1.0}, lambda _: {"loss": 2.0, "yours": 1.0})
    said = lines(reports.compare(workspace, ["base", "other"]))
    assert "only in A: mine" in said
    assert "only in B: yours" in said


def test_runs_without_a_common_metric_say_so(pair, lines):
    workspace = pair(lambda _: {"a": 1.0}, lambda _: {"b": 1.0})
    document = reports.compare(workspace, ["base", "other"])
    assert document.verdict == "A base, B other: no metric in common"
    assert len(lines(document)) == 2


def test_equal_values_are_said_once(pair, rows):
    workspace = pair(lambda _: {"loss": 1.0, "lr": 0.1}, lambda _: {"loss": 2.0, "lr": 0.1})
    document = reports.compare(workspace, ["base", "other"])
    assert list(rows(document)) == ["loss"]
    assert next(one for one in document.blocks if one.key == "same").items == {"lr": 0.1}


def test_nan_is_worse_than_any_number(pair, rows):
    workspace = pair(
        lambda _: {"loss": 5.0}, lambda step: {"loss": 1.0 if step < 50 else math.nan}
    )
    found = rows(reports.compare(workspace, ["base", "other"]))["loss"]
    assert found["is"] == "worse"
    assert found["change"] is None
    assert found["B_best"] == 1.0


def test_different_lengths_are_warned_of_with_the_way_out(write_run, lines):
    write_run("base", [{"step": step, "loss": 1.0} for step in range(100)])
    write_run("other", [{"step": step, "loss": 1.0} for step in range(50)])
    document = reports.compare(Workspace(), ["base", "other"])
    assert "steps differ: A 99, B 49; at the same step: add @49 to each" in lines(document)
    said = lines(reports.compare(Workspace(), ["base@49", "other@49"]))
    assert not any("steps differ" in line for line in said)


def test_it_says_when_each_reached_the_level_of_the_other(pair, lines):
    workspace = pair(
        lambda step: {"val/loss": 10.0 - step / 100}, lambda step: {"val/loss": 10.0 - step / 50},
        count=500,
    )  # fmt: skip
    document = reports.compare(workspace, ["base", "other"])
    table = next(one for one in document.blocks if one.key == "reached")
    a_level = sum(10 - step / 100 for step in range(475, 500)) / 25
    slow, fast = table.rows
    assert slow[:3] == ("val/loss", "A", "B")
    assert slow[4] is None
    assert fast[3] == pytest.approx(a_level)
    # The mean of the last 25 of B is at 10 - (step - 12) / 50.
    assert fast[4] == math.ceil(50 * (10 - a_level) + 12)
    assert fast[5] == fast[4]
    assert any("A never at B's last" in line for line in lines(document))


def test_at_a_point_it_does_not_say_when_the_levels_of_the_ends_were_reached(pair, lines):
    workspace = pair(
        lambda step: {"val/loss": 10.0 - step / 100}, lambda step: {"val/loss": 10.0 - step / 50}
    )
    document = reports.compare(workspace, ["base@50", "other@50"])
    assert not any("'s last" in line for line in lines(document))


def test_correlation_is_of_the_common_steps(pair, rows):
    workspace = pair(
        lambda step: {"loss": math.sin(step)}, lambda step: {"loss": -2 * math.sin(step)}
    )
    found = rows(reports.compare(workspace, ["base", "other"]))["loss"]
    assert found["correlation"] == pytest.approx(-1)
    assert found["common_steps"] == 100


def test_three_runs_have_a_leader(pair, write_run, rows):
    workspace = pair(lambda _: {"loss": 3.0}, lambda _: {"loss": 2.0})
    write_run("third", [{"step": step, "loss": 1.0} for step in range(100)])
    document = reports.compare(Workspace(workspace.root), ["base", "other", "third"])
    assert rows(document)["loss"]["leader"] == "C"
    assert "C in 1 of 1 metric" in document.verdict


def test_only_what_was_set_differently_is_shown(demo_runs):
    document = reports.compare(demo_runs, ["healthy", "overfit"], config_only=True)
    rows = dict(next(one for one in document.blocks if one.key == "config").rows)
    assert rows["batch_size"] == [128, 64]
    assert rows["model.features"] == [16, 60]
    assert "max_steps" not in rows
    many = reports.compare(demo_runs, ["healthy", "overfit", "nan", "spike"], config_only=True)
    assert all(len(row[1]) == 4 for row in next(b for b in many.blocks if b.key == "config").rows)


def test_a_different_batch_size_is_warned_of(demo_runs, lines):
    said = lines(reports.compare(demo_runs, ["healthy", "overfit"]))
    assert any(line.startswith("batch_size differs (A 128, B 64)") for line in said)


@pytest.mark.parametrize("refs", [[], ["base"], ["base"] * 13])
def test_a_comparison_needs_two_to_twelve(pair, refs):
    workspace = pair(lambda _: {"a": 1.0}, lambda _: {"b": 1.0})
    with pytest.raises(BadSetting, match="2 to 12"):
        reports.compare(workspace, refs)


def test_bad_references_and_thresholds_are_refused(pair):
    workspace = pair(lambda _: {"a": 1.0}, lambda _: {"a": 1.0})
    with pytest.raises(NoSuchRun):
        reports.compare(workspace, ["base", "nobody"])
    with pytest.raises(BadSetting):
        reports.compare(workspace, ["base", "other"], threshold=-1)
    with pytest.raises(NoSuchMetric):
        reports.compare(workspace, ["base", "other"], keys=["b"])


def test_the_command_asks_the_same(ask, pair):
    workspace = pair(lambda _: {"val/loss": 1.0, "x": 1.0}, lambda _: {"val/loss": 2.0, "x": 1.0})
    shown = ask("compare", "base", "other", "-f", "VAL", "-t", "5")
    expected = render(reports.compare(workspace, ["base", "other"], prefix="VAL", threshold=5))
    assert shown.stdout == expected + "\n"
    assert ask("compare", "base").exit_code == 2


def test_two_runs_that_end_level_are_not_told_apart(pair):
    workspace = pair(lambda _: {"val/loss": 0.5}, lambda _: {"val/loss": 0.5})
    verdict = reports.compare(workspace, ["base", "other"]).verdict
    assert verdict == "A base, B other: 1 metric in common, no run is ahead"


def waves(shift):
    return lambda step: {f"m{n}": math.sin(step / (n + 1) + shift) for n in range(8)}


def test_all_points_of_long_runs_are_read_only_where_there_is_room_for_what_they_tell(
    pair, rows, monkeypatch
):
    workspace = pair(waves(0), waves(1), count=700)
    short = rows(reports.compare(workspace, ["base", "other"]))
    assert all(row["correlation"] is not None for row in short.values())
    monkeypatch.setattr(reading, "SHORT", 0)
    many = rows(reports.compare(workspace, ["base", "other"]))
    assert {row["correlation"] for row in many.values()} == {None}
    few = rows(reports.compare(workspace, ["base", "other"], keys=["m1", "m2"]))
    assert few == {name: short[name] for name in ("m1", "m2")}
    without = [{**row, "correlation": None, "common_steps": None} for row in short.values()]
    assert list(many.values()) == without


def test_runs_too_large_to_read_for_it_are_not_correlated_and_that_is_said(
    pair, rows, lines, monkeypatch
):
    workspace = pair(waves(0), waves(1))
    monkeypatch.setattr(sides, "LARGE", 1000)
    document = reports.compare(workspace, ["base", "other"], keys=["m1"])
    assert rows(document)["m1"]["correlation"] is None
    assert any("not read to correlate" in line for line in lines(document))


def test_of_a_run_that_was_resumed_what_was_logged_again_counts_for_the_correlation(
    write_run, rows
):
    logged = [*range(0, 60, 2), *range(30, 90, 2)]
    again = [
        {"step": s, "loss": float(s) + 40 * (n < 30), "lr": 0.1} for n, s in enumerate(logged)
    ]
    write_run("again", again)
    write_run("once", [{"step": s, "loss": s + 1.0, "lr": 0.1} for s in range(30, 90, 2)])
    found = rows(reports.compare(Workspace(), ["again", "once"], keys=["loss"]))["loss"]
    assert found["correlation"] == pytest.approx(1)
    assert found["common_steps"] == 30
