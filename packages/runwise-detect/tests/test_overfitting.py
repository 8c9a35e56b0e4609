from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise_detect import Monitor, analyze
from runwise_detect.detectors.overfitting import Overfitting
from runwise_detect.evaluations import BLOCKS


def places(records):
    """Return what is found in (step, train loss, validation loss or None)."""
    monitor = Monitor([Overfitting()])
    for step, train, val in records:
        monitor.update(step, {"loss": train, **({} if val is None else {"val_loss": val})})
    return [(f.onset_step, f.step, f.end_step, f.status) for f in monitor.findings]


def turning(epochs, at, rate=0.05):
    """Return epochs of a run whose validation loss turns at one of them."""
    return [(e, 2 / (1 + e), 1 + rate * abs(e - at)) for e in range(epochs)]


def test_the_onset_is_the_best_evaluation():
    assert places(turning(20, at=6)) == [(6, 11, None, "open")]


def test_a_growing_rise_becomes_critical_in_place():
    monitor = Monitor([Overfitting()])
    told = [f for s, t, v in turning(30, 6) for f in monitor.update(s, {"loss": t, "val_loss": v})]
    assert [finding.severity for finding in told] == ["warning"]
    (finding,) = monitor.findings
    assert (finding.severity, finding.step, finding.onset_step) == ("critical", 11, 6)
    assert finding.statistic is not None
    assert finding.statistic > 0.5
    assert "90.5 % above the best 1.05" in finding.message


def test_it_is_silent_while_the_training_loss_rises_too():
    assert places([(step, val, val) for step, _, val in turning(40, 6)]) == []


def test_it_is_silent_without_a_training_loss():
    monitor = Monitor([Overfitting()])
    monitor.extend(range(40), {"val_loss": [val for _, _, val in turning(40, 6)]})
    assert monitor.findings == []
    assert monitor.finish().watched == ()


def test_it_is_silent_where_the_target_moves():
    monitor = Monitor([Overfitting()])
    steps, train, val = zip(*turning(40, 6), strict=True)
    monitor.extend(steps, {"loss": train, "val_loss": val, "d_loss": train})
    assert monitor.findings == []


def test_four_worse_evaluations_are_needed():
    assert places(turning(10, 6)) == []


def test_a_validation_loss_repeated_at_every_step_is_one_evaluation():
    plain = [(100 * epoch, train, val) for epoch, train, val in turning(20, 6)]
    every_step = [(s + again, t, v) for s, t, v in plain for again in range(100)]
    few = [(s + again, t, None if again else v) for s, t, v in plain for again in range(100)]
    assert places(plain) == places(every_step) == places(few) == [(600, 1100, None, "open")]
    assert places(every_step[:1000]) == []


def test_the_noise_of_minibatches_in_the_training_loss_averages_out():
    rng = random.Random(1)
    noisy = [
        (100 * epoch + batch, train * rng.gammavariate(2, 0.5), None if batch else val)
        for epoch, train, val in turning(20, 6)
        for batch in range(100)
    ]
    assert places(noisy) == [(600, 1100, None, "open")]


def test_one_absurd_batch_hides_nothing():
    epochs = turning(20, 6)
    epochs[10] = (10, 1e9, epochs[10][2])
    epochs[12] = (12, math.nan, epochs[12][2])
    assert [onset for onset, *_ in places(epochs)] == [6]


def test_luck_among_many_noisy_evaluations_is_not_overfitting():
    rng = random.Random(5)
    flat = [(step, 2 / (1 + step / 20), 1 + 0.03 * rng.gauss(0, 1)) for step in range(3000)]
    assert places(flat) == []


def test_a_long_run_evaluated_at_every_step_is_judged_by_blocks():
    rng = random.Random(5)
    level = [1 + abs(step - 4000) / 20_000 for step in range(10_000)]
    dense = [(s, 2 / (1 + s / 20), v + 0.1 * rng.gauss(0, 1)) for s, v in enumerate(level)]
    ((onset, step, end, _),) = places(dense)
    assert 3000 < onset < 4800
    assert (5000 < step < 8000, end) == (True, None)


def test_a_validation_loss_that_comes_back_has_recovered():
    there = turning(20, 6)
    back = [(40 - e, 1 / (41 - e), val - 0.2) for e, _, val in reversed(there)]
    ((onset, _, end, status),) = places(there + back)
    assert (onset, status) == (6, "recovered")
    assert 30 < end < 37


def test_signed_losses_are_judged_by_their_fall():
    falling = [-0.5 * min(epoch, 10) for epoch in range(30)]
    rising = [0.0] * 10 + [0.1 * (epoch - 10) for epoch in range(10, 30)]
    losses = [(e, -e, 2 + falling[e] + rising[e]) for e in range(30)]
    (place,) = places(losses)
    assert place[0] == 10
    assert places([(step, train, val + 1000) for step, train, val in losses]) == []


def test_a_loss_that_vanished_may_wobble():
    vanished = [(e, 2 * 0.5**e, 2 * 0.4 ** min(e, 12) * (1 + max(0, e - 12))) for e in range(40)]
    assert places(vanished) == []


def test_a_resumed_run_forgets_the_evaluations_it_repeats():
    epochs = turning(11, 6)
    assert places(epochs + epochs[8:]) == []
    assert [place[0] for place in places(epochs + turning(20, 6)[8:])] == [6]


def test_what_it_found_is_told_once_though_the_run_is_resumed():
    monitor = Monitor([Overfitting()])
    epochs = turning(20, 6)
    told = [
        finding
        for step, train, val in epochs + epochs[15:]
        for finding in monitor.update(step, {"loss": train, "val_loss": val})
    ]
    assert len(told) == len(monitor.findings) == 1


def test_a_run_that_starts_anew_is_judged_anew():
    assert places(turning(11, 6) + turning(11, 6)) == []
    assert len(places(turning(20, 6) + turning(20, 9))) == 2


def test_a_new_stage_is_a_new_beginning():
    steps, train, val = zip(*turning(14, 6), strict=True)
    columns = {"loss": train, "val_loss": val}
    assert len(Monitor([Overfitting()]).extend(steps, columns)) == 1
    columns["stage"] = [float(step > 9) for step in steps]
    assert Monitor([Overfitting()]).extend(steps, columns) == []


def test_its_memory_is_bounded():
    detector = Overfitting()
    detector.watch({"loss": "train_loss", "val_loss": "val_loss"})
    for step in range(20_000):
        detector.update(step, {"loss": 1.0, "val_loss": 1.0 + step % 7})
    state = detector.state_dict()["val_loss"]
    assert len(state["blocks"]) <= BLOCKS


def test_a_quarter_of_the_health_is_lost_by_overfitting():
    steps, train, val = zip(*turning(40, 20, rate=0.01), strict=True)
    diagnosis = analyze({"loss": (steps, train), "val_loss": (steps, val)})
    assert diagnosis.deductions == (("warning overfitting of val_loss", 25),)


def test_a_rise_that_any_loss_would_have_is_refused():
    with pytest.raises(ValueError, match="rise must be 1e-06 to 100, not 0"):
        Overfitting(rise=0.0)


CELL = st.one_of(
    st.none(),
    st.floats(-1, 3),
    st.sampled_from([1.0, math.nan, math.inf, -math.inf, 1e308, -1e308]),
)


@st.composite
def runs(draw):
    """Two losses over a valley, with odd cells in them, and where to cut the block."""
    rows = draw(st.integers(1, 300))
    every, at = draw(st.integers(1, 4)), draw(st.integers(0, rows))
    noise = draw(st.floats(0, 0.2))
    rng = random.Random(draw(st.integers(0, 99)))
    train = [2 / (1 + row / 9) + noise * rng.random() for row in range(rows)]
    val = [
        None if row % every else 1 + 0.02 * abs(row - at) + noise * rng.random()
        for row in range(rows)
    ]
    for column in (train, val):
        for row, cell in draw(st.lists(st.tuples(st.integers(0, rows - 1), CELL), max_size=9)):
            column[row] = cell
    return train, val, draw(st.integers(0, rows)), draw(st.sampled_from([0, 0, 50]))


@given(runs())
@settings(max_examples=150, deadline=None)
def test_columns_are_judged_as_their_records_are(run):
    train, val, cut, fall = run
    by_record, by_block = Monitor([Overfitting()]), Monitor([Overfitting()])
    steps = [row - fall * (row >= cut) for row in range(len(train))]
    for row, step in enumerate(steps):
        by_record.update(step, {"loss": train[row], "val_loss": val[row]})
    for part in (slice(0, cut), slice(cut, None)):
        by_block.extend(steps[part], {"loss": train[part], "val_loss": val[part]})
    assert repr(by_record.findings) == repr(by_block.findings)
    assert by_record.state_dict() == by_block.state_dict()
