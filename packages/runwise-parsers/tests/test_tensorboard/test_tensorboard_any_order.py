"""Whatever the order of tags and steps, and wherever reading stops, each point comes once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.lists(st.sampled_from(["loss", "lass", "a", "longer/name"]), min_size=1, max_size=3),
        st.sampled_from(["double", "unpacked", "content", "simple"]),
    ),
    min_size=1,
    max_size=60,
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def written(log, forms, wire, tmp_path):
    """Write events whose values count up; return the file and the curves in it."""

    def written(events):
        one, curves = log(), {}
        for number, (step, tags, form) in enumerate(events):
            how = forms.get(form, wire["simple"])
            values = dict.fromkeys(tags, how(float(number)))
            one.values(step, values, clock=1_700_000_000.0 + number)
            for tag in values:
                curves.setdefault(tag, []).append((float(step), repr(float(number))))
        return one.save(tmp_path), curves

    return written


def segments_of(batches):
    """Return the segment of every point."""
    found = {}
    for batch in batches:
        for name, one in batch.columns.items():
            for step, value in zip(one.steps, map(repr, one.values), strict=True):
                assert (name, step, value) not in found
                found[name, step, value] = batch.segment
    return found


@given(events=EVENTS)
@quick
def test_every_point_comes_once_in_the_order_of_the_log(events, written, opened, points):
    path, curves = written(events)
    run = opened(path)
    assert points(run.series()) == curves
    batches = list(run.batches())
    segments = [batch.segment for batch in batches]
    assert segments == sorted(segments)
    for batch in batches:
        for series in batch.columns.values():
            assert list(series.steps) == sorted(series.steps)
    falls = any(b[0] < a[0] for curve in curves.values() for a, b in pairwise(curve))
    assert (segments[-1] > 0) == falls


@given(events=EVENTS, cuts=st.lists(st.floats(0, 1), max_size=4))
@quick
def test_a_growing_log_gives_its_points_once_and_the_same_segments(events, cuts, written, opened):
    path, curves = written(events)
    data = path.read_bytes()
    whole = segments_of(opened(path).batches())
    cursor, seen = None, []
    for size in [*sorted(int(cut * len(data)) for cut in cuts), len(data)]:
        path.write_bytes(data[:size])
        for batch in opened(path).since(cursor):
            assert not batch.restart
            cursor = batch.cursor
            seen.append(batch)
    assert segments_of(seen) == whole
    assert len(whole) == sum(map(len, curves.values()))


LIMITS = st.tuples(st.integers(1, 12), st.integers(0, 300), st.integers(0, 300))


@given(events=EVENTS, limits=LIMITS)
@quick
def test_samples_hold_points_of_the_whole(events, limits, written, opened, points):
    path, curves = written(events)
    run, (rows, first, last) = opened(path), limits
    window = {name: [p for p in c if first <= p[0] <= last] for name, c in curves.items()}
    assert points(run.window(None, first, last)) == {n: c for n, c in window.items() if c}
    for name, series in points(run.overview(rows)).items():
        assert series[0] == curves[name][0]
        assert set(series) <= set(curves[name])
    newest = max(curves, key=lambda name: float(curves[name][-1][1]))
    assert points(run.tail(rows))[newest][-1] == curves[newest][-1]
