from __future__ import annotations

import itertools
import math
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise_detect import Monitor, analyze
from runwise_detect.alignment import blocks
from runwise_detect.roles import assign

VALUES = st.sampled_from([1.0, 1.1, 1.2, 1.3, 1.25, 1.15, 30.0, math.nan, math.inf, -2.0])


@given(st.lists(st.tuples(VALUES, st.one_of(st.none(), VALUES)), min_size=1, max_size=200))
@settings(max_examples=80, deadline=None)
def test_curves_are_judged_as_the_records_they_came_from(cells):
    monitor = Monitor(roles=assign(["loss", "val_loss"]))
    for step, (loss, val) in enumerate(cells):
        monitor.update(step, {"loss": loss, **({} if val is None else {"val_loss": val})})
    sparse = [(step, val) for step, (_, val) in enumerate(cells) if val is not None]
    curves = {"loss": (range(len(cells)), [loss for loss, _ in cells])}
    if sparse:
        curves["val_loss"] = ([step for step, _ in sparse], [val for _, val in sparse])
    assert repr(analyze(curves)) == repr(monitor.finish())


def flat(curves):
    """Return per curve what blocks hold of it, in order."""
    seen = {name: [] for name in curves}
    for steps, columns in blocks(curves):
        assert steps == sorted(steps)
        for name, column in columns.items():
            cells = zip(steps, column, strict=True)
            seen[name] += [(step, value) for step, value in cells if value is not None]
    return seen


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(0, 30), max_size=60)))
def test_no_point_is_lost_or_moved_whatever_the_steps_do(curves):
    numbered = {name: (steps, list(range(len(steps)))) for name, steps in curves.items()}
    expected = {name: list(zip(*curve, strict=True)) for name, curve in numbered.items()}
    assert flat(numbered) == expected


def test_long_curves_come_in_blocks_that_no_step_tears_apart():
    steps = [step // 3 for step in range(30_000)]
    sparse = list(range(0, 10_000, 7))
    curves = {"loss": (steps, list(range(30_000))), "val": (sparse, sparse)}
    assert flat(curves) == {n: list(zip(*curve, strict=True)) for n, curve in curves.items()}
    parts = [block_steps for block_steps, _ in blocks(curves)]
    assert len(parts) > 2
    assert all(before[-1] < after[0] for before, after in itertools.pairwise(parts))


def test_a_sparse_curve_stays_on_its_side_of_a_restart():
    train = [0, 100, 200, 150, 250, 350]
    curves = {"loss": (train, train), "val": ([100, 200, 300], [1, 2, 3])}
    assert [(s, c.get("val")) for s, c in blocks(curves)] == [
        ([0, 100, 200], [None, 1, 2]),
        ([150, 250, 300, 350], [None, None, 3, None]),
    ]


def test_steps_that_are_equal_but_not_the_same_object_are_not_merged_point_by_point():
    curves = {"a": ([1, 2], [1.0, 2.0]), "b": (array("d", [1, 2]), array("d", [3.0, 4.0]))}
    assert list(blocks(curves)) == [([1, 2], {"a": [1.0, 2.0], "b": [3.0, 4.0]})]


def test_the_one_point_mean_of_a_whole_run_is_not_its_curve():
    losses = [2.0 + 0.01 * (step * 5 % 7) for step in range(100)]
    losses[70] = 9.0
    diagnosis = analyze({"train_loss": ([99], [2.0]), "loss": (range(100), losses)})
    assert [(g.kind, g.metric) for g in diagnosis.findings] == [("loss_spike", "loss")]
    assert diagnosis.watched == ("loss",)


def test_a_curve_without_a_step_for_each_value_is_refused():
    with pytest.raises(ValueError, match="loss: 1 values for 2 steps"):
        analyze({"loss": ([0, 1], [1.0])})
