from __future__ import annotations

import random

import pytest

from runwise_detect.detectors.loss_spike import LossSpike


def places(findings):
    return [(f.onset_step, f.end_step, f.status) for f in findings if f.kind == "loss_spike"]


def test_the_end_of_a_spike_is_its_last_high_value(watch, level):
    losses = [*level(100), 9.0, 8.0, 9.0, *level(20)]
    assert places(watch(losses)) == [(100, 102, "recovered")]


def test_every_spike_of_a_run_is_reported(watch, level):
    losses = [*level(100), 9.0, *level(40), 9.0, *level(40), 9.0]
    assert [onset for onset, _, _ in places(watch(losses))] == [100, 141, 182]


def test_a_level_that_stays_is_closed_and_becomes_the_new_normal(watch, level):
    high = [value + 1.0 for value in level(300)]
    assert places(watch(level(100) + high)) == [(100, 139, "closed")]


def test_two_near_misses_in_a_row_are_a_spike(watch):
    losses = [2.0 + 0.1 * (step * 5 % 7) for step in range(100)]
    calm = watch([*losses, 3.9, *losses])
    twice = watch([*losses, 3.9, 3.91, *losses])
    assert places(calm) == []
    assert places(twice) == [(100, 101, "recovered")]
    assert twice[0].step == 101
    assert "for two in a row" in twice[0].message


def test_noise_that_reaches_down_to_zero_does_not_hide_a_spike(watch):
    rng = random.Random(0)
    losses = [2.0 / (1 + step / 20) + 0.1 * rng.random() for step in range(20_000)]
    losses[15_000] = 2.5
    assert places(watch(losses)) == [(15_000, 15_000, "recovered")]


def test_a_loss_near_zero_may_jump_as_long_as_it_stays_far_below_its_start(watch):
    rng = random.Random(0)
    losses = [2.0 * 0.9**step for step in range(200)]
    losses += [1e-9 * 10 ** (4 * rng.random()) for _ in range(2_000)]
    assert places(watch(losses)) == []


def test_it_is_silent_until_it_knows_the_level(watch):
    assert places(watch([2.0, 2.1, 1.9, 2.05, 1.95] * 2 + [9.0] + [2.0, 2.1] * 10)) == []


def test_an_explosion_to_infinity_is_left_to_non_finite(watch, level):
    assert {f.kind for f in watch([*level(100), float("inf"), *level(10)])} == {"non_finite"}


def test_signed_losses_need_more(watch):
    wobble = [0.1 * (step * 5 % 7) for step in range(100)]
    positive = watch([10.0 + value for value in wobble] + [13.3])
    signed = watch([value - 0.3 for value in wobble] + [3.0])
    assert len(places(positive)) == 1
    assert places(signed) == []


def test_a_spike_in_the_validation_loss_is_reported_too(watch, level):
    assert [f.metric for f in watch([*level(40), 9.0], name="val_loss")] == ["val_loss"]


def test_a_warmup_longer_than_the_window_is_refused():
    with pytest.raises(ValueError, match="warmup must be 5 to window, not 80"):
        LossSpike(warmup=80)
