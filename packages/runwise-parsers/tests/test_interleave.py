"""Rows out of curves that lie apart, and rows that grow point by point."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from runwise_parsers.held import Held, HeldRun, columns_of
from runwise_parsers.info import RunInfo
from runwise_parsers.interleave import Curve, rows_of

NUMBERS = st.integers(-5, 30).map(float)
CURVES = st.dictionaries(st.sampled_from("abcd"), st.lists(st.tuples(NUMBERS, NUMBERS)))


def curve(name: str, points, times=()) -> Curve:
    steps, values = array("d", [p[0] for p in points]), array("d", [p[1] for p in points])
    return Curve(name, steps, values, array("d", times))


class Woven(HeldRun):
    """A run of curves that a test changes."""

    def __init__(self, curves: dict) -> None:
        super().__init__(RunInfo("woven", "x"))
        self.curves = curves

    def read(self) -> Held:
        return Held(rows_of(curve(name, points) for name, points in self.curves.items()))


def points_in(series) -> dict[str, list[tuple[float, float]]]:
    return {
        name: list(zip(one.steps, one.values, strict=True)) for name, one in series.items() if one
    }


@given(CURVES)
def test_every_curve_comes_back_as_it_was(curves):
    rows = rows_of(curve(name, points) for name, points in curves.items())
    logged = {name: points for name, points in curves.items() if points}
    assert points_in(columns_of(rows)) == logged
    assert points_in(Woven(curves).series()) == logged


@given(CURVES, st.lists(st.floats(0, 3), max_size=40))
def test_times_stay_with_their_points_or_at_most_a_tenth_of_a_second_from_them(curves, clocks):
    clocks = sorted(clocks)
    timed = {name: points[: len(clocks)] for name, points in curves.items()}
    rows = rows_of(curve(name, points, clocks[: len(points)]) for name, points in timed.items())
    for name, one in columns_of(rows).items():
        assert one.times is not None
        known = [(*point, clock) for point, clock in zip(timed[name], clocks, strict=False)]
        for step, value, clock in zip(one.steps, one.values, one.times, strict=True):
            assert any(
                (step, value) == point[:2] and abs(clock - point[2]) <= 0.1 for point in known
            )


def test_points_logged_apart_are_rows_apart():
    together = [curve("a", [(1, 1)], [5.0]), curve("b", [(1, 2)], [5.05])]
    assert rows_of(together) == [(1.0, 5.0, {"a": 1.0, "b": 2.0})]
    apart = [curve("a", [(1, 1)], [9.0]), curve("b", [(1, 2)], [5.0])]
    assert rows_of(apart) == [(1.0, 5.0, {"b": 2.0}), (1.0, 9.0, {"a": 1.0})]


@given(
    st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=12),
    st.lists(st.integers(0, 48), max_size=6),
)
def test_whoever_follows_a_run_that_is_written_point_by_point_sees_each_point_once(rows, stops):
    """Every metric has a file of its own, so a reader meets rows of which a part is written."""
    points = [(name, step) for step, names in enumerate(rows) for name in sorted(names)]
    run, cursor = Woven({}), None
    seen: dict[str, list[tuple[float, float]]] = {}
    for stop in [*sorted(stops), len(points)]:
        curves: dict[str, list[tuple[float, float]]] = {}
        for name, step in points[:stop]:
            curves.setdefault(name, []).append((step, step / 2))
        run.curves = curves
        for batch in run.since(cursor):
            assert not batch.restart
            cursor = batch.cursor
            for name, added in points_in(batch.columns).items():
                seen.setdefault(name, []).extend(added)
    assert seen == points_in(run.series())


def test_a_row_of_very_many_points_that_grows_is_read_again():
    wide = {f"m{number}": [(0.0, 1.0)] for number in range(100)}
    run = Woven(wide)
    cursor = list(run.batches())[-1].cursor
    assert len(cursor) < 2048
    run.curves = wide | {"late": [(0.0, 2.0)]}
    assert [batch.restart for batch in run.since(cursor)] == [True]
    run.curves = wide | {"late": [(1.0, 2.0)]}
    assert [batch.restart for batch in run.since(cursor)] == [False]
