"""A window of a long log is found by bisection, and holds what a scan of the log finds."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runwise_parsers import RunInfo, open_run
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.reach import SMALL, reach
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.run import Run
from runwise_parsers.truth import points_of

ROWS = 3_000
PAD = "x" * 1_900


@pytest.fixture
def long_run(tmp_path):
    """Write rows of 2 KB with these steps, ``None`` for a row without one."""

    def write(steps) -> JsonlRun:
        path = tmp_path / "metrics.jsonl"
        with path.open("w") as file:
            for number, step in enumerate(steps):
                own = {} if step is None else {"step": step}
                file.write(json.dumps({**own, "loss": number, "pad": PAD}) + "\n")
        assert path.stat().st_size > SMALL
        return JsonlRun(RunInfo("jsonl", "", segments=(path,)), JsonLog(path))

    return write


def resumed(falls) -> list[int]:
    """Steps that count up, and fall by so many where a run was resumed."""
    steps: list[int] = []
    step = 0
    for number in range(ROWS):
        step = max(0, step + 1 - falls.get(number, 0))
        steps.append(step)
    return steps


@given(
    falls=st.dictionaries(st.integers(10, ROWS - 1), st.integers(1, 2_500), max_size=4),
    edges=st.lists(st.integers(-5, ROWS + 5), min_size=8, max_size=8),
)
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25
)
@example(falls={2_000: 80}, edges=[1_905, 1_990, 1_925, 1_930, 1_990, 1_999, 1_910, 1_911])
@example(falls={2_000: 130}, edges=[1_880, 1_990, 1_860, 1_875, 1_990, 1_999, 1_995, 1_997])
@example(falls={2_999: 2_500}, edges=[100, 200, 498, 500, 499, 501, 2_990, 2_999])
def test_a_window_is_what_a_scan_finds(long_run, falls, edges):
    run = long_run(resumed(falls))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        low, high = sorted((first, last))
        scanned = points_of(Run.window(run, ["loss"], low, high))
        assert points_of(run.window(["loss"], low, high)) == scanned


def test_rising_steps_are_reached_without_reading_what_lies_between(long_run):
    run = long_run(range(0, 10 * ROWS, 10))
    log = JsonLog(run.info.path)
    for first, last in (
        (15_000, 15_500),
        (-9, 20),
        (29_900, 10**9),
        (10**6, 10**7),
        (15_005, 15_005),
    ):
        found = reach(log, first, last)
        assert found is not None
        assert found[1] - found[0] < log.size() / 4
    assert list(run.window(["loss"], 15_000, 15_020)["loss"].values) == [1_500, 1_501, 1_502]
    assert run.window(None, 15_005, 15_005) == {}
    assert run.window(None, 20, 10) == {}


def test_all_steps_are_a_window_too(long_run):
    run = long_run(range(ROWS))
    whole = points_of(run.series())
    assert points_of(run.window(None, float("-inf"), float("inf"))) == whole
    assert points_of(run.window(None, 0, ROWS)) == whole


def test_rows_without_a_step_belong_to_the_row_before_them(long_run):
    run = long_run(step if step % 2 == 0 else None for step in range(ROWS))
    assert reach(JsonLog(run.info.path), 1_500, 1_503) is not None
    assert list(run.window(["loss"], 1_500, 1_503)["loss"].values) == [1500, 1501, 1502, 1503]


def test_where_steps_are_far_between_all_is_scanned(long_run):
    run = long_run(step if step % 500 == 0 or step < 200 else None for step in range(ROWS))
    assert reach(JsonLog(run.info.path), 0, 10) is None
    assert list(run.window(["loss"], 500, 501)["loss"].values) == list(range(500, 1_000))


def test_steps_in_no_order_are_scanned(long_run):
    steps = list(range(ROWS))
    random.Random(0).shuffle(steps)
    run = long_run(steps)
    assert reach(JsonLog(run.info.path), 100, 200) is None
    assert sorted(run.window(["loss"], 100, 104)["loss"].steps) == [100, 101, 102, 103, 104]


def test_without_a_step_key_rows_are_counted_for_it(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(
        b"".join(b'{"loss": %d, "p": "%s"}\n' % (n, PAD.encode()) for n in range(ROWS))
    )
    assert list(open_run(path).window(["loss"], 7, 9)["loss"].values) == [7, 8, 9]


def test_lines_longer_than_all_spans_are_found(tmp_path):
    path = tmp_path / "metrics.jsonl"
    with path.open("w") as file:
        for step in range(12):
            file.write(json.dumps({"step": step, "loss": step, "pad": "x" * 700_000}) + "\n")
    assert list(open_run(path).window(["loss"], 5, 6)["loss"].values) == [5, 6]


def test_a_last_row_that_falls_is_seen(long_run):
    run = long_run([*range(ROWS), 7])
    assert list(run.window(["loss"], 6, 8)["loss"].values) == [6, 7, 8, ROWS]


def test_a_last_line_that_is_cut_is_no_trouble(long_run):
    run = long_run(range(ROWS))
    with run.info.path.open("ab") as file:
        file.write(b'{"step": 3000, "loss": 3')
    assert list(run.window(["loss"], 2_998, 10**6)["loss"].values) == [2_998, 2_999]
