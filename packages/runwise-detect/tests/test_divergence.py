from __future__ import annotations

import math

import pytest

from runwise_detect import Monitor
from runwise_detect.detectors.divergence import Divergence


def places(findings):
    return [(f.onset_step, f.step, f.status) for f in findings if f.kind == "divergence"]


def test_a_loss_that_explodes_is_lost_within_a_few_records(watch, level):
    losses = level(50) + [100.0 * 2**step for step in range(20)]
    assert places(watch(losses)) == [(50, 54, "open")]


def test_a_run_lost_within_its_first_records_is_compared_with_the_very_first(watch):
    losses = [2.3, 40.0, 900.0, 700.0, 4000.0, 3000.0, 5000.0, 2500.0, 3500.0, 3100.0]
    (finding,) = [f for f in watch(losses) if f.kind == "divergence"]
    assert (finding.onset_step, finding.baseline) == (1, 2.3)


def test_a_loss_that_comes_back_has_recovered(watch, level):
    losses = level(50) + [value * 3 for value in level(30)] + level(40)
    (finding,) = [f for f in watch(losses) if f.kind == "divergence"]
    assert (finding.onset_step, finding.status, finding.end_step) == (50, "recovered", 83)
    assert 6.0 <= finding.worst < 7.0


def test_a_rise_that_stays_below_the_start_is_not_divergence(watch):
    falling = [2.0 / (1 + step / 10) for step in range(100)]
    assert places(watch([*falling, *reversed(falling)])) == []


def test_a_loss_stuck_at_a_high_value_is_seen(watch, level):
    assert len(places(watch([*level(50), *[7.5] * 300]))) == 1


def test_it_is_silent_on_signed_losses(watch):
    assert places(watch([1.0, 1.1, 0.9, -0.2, 1.0] * 10 + [50.0 + s for s in range(50)])) == []


@pytest.mark.parametrize("other", ["d_loss", "losses/value_loss"])
def test_it_is_silent_where_the_target_moves(other):
    monitor = Monitor([Divergence()])
    losses = [2.0 * 1.05**step for step in range(100)]
    monitor.extend(range(100), {"loss": losses, other: losses})
    assert monitor.findings == []


def test_it_is_silent_on_a_validation_loss_because_that_is_overfitting(watch):
    assert places(watch([2.0 * 1.05**step for step in range(100)], name="val_loss")) == []


def test_a_loss_that_begins_at_zero_has_no_level_to_exceed(watch):
    assert places(watch([0.0, 0.1] * 8 + [math.sqrt(step) for step in range(100)])) == []


def test_a_ratio_that_could_never_hold_is_refused():
    with pytest.raises(ValueError, match=r"ratio must be 1.01 to"):
        Divergence(ratio=0.9)
