"""trend and levels: what a sparkline and its arrow say."""

from __future__ import annotations

import math
import random
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_sampling import levels, trend

LENGTHS = (20, 64, 65, 1000, 100_000)
OPPOSITE = {"up": "down", "down": "up", "flat": "flat", "noisy": "noisy", "": ""}


def decay(count):
    rng = random.Random(0)
    return [2 * math.exp(-6 * step / count) + 0.3 + rng.gauss(0, 0.05) for step in range(count)]


def white_noise(count):
    rng = random.Random(0)
    return [1 + rng.gauss(0, 5) for _ in range(count)]


@pytest.mark.parametrize("count", LENGTHS)
def test_a_falling_loss_is_down_and_a_rising_score_is_up(count):
    loss = decay(count)
    assert trend(range(count), loss) == "down"
    assert trend(range(count), [-value for value in loss]) == "up"


@pytest.mark.parametrize("count", LENGTHS)
def test_white_noise_has_no_direction(count):
    assert trend(range(count), white_noise(count)) == "noisy"


@pytest.mark.parametrize("count", LENGTHS)
def test_a_constant_is_flat_even_with_a_spike(count):
    values = [0.1] * count
    assert trend(range(count), values) == "flat"
    values[count // 2] = 80.0
    assert trend(range(count), values) == "flat"


@pytest.mark.parametrize("count", LENGTHS)
def test_a_little_noise_on_a_level_is_flat(count):
    rng = random.Random(0)
    assert trend(range(count), [0.5 + rng.gauss(0, 0.002) for _ in range(count)]) == "flat"


@pytest.mark.parametrize("count", LENGTHS)
@pytest.mark.parametrize("place", [0.01, 0.5, 0.99])
def test_one_spike_does_not_turn_a_verdict(count, place):
    values = decay(count)
    values[int(place * count)] = 50.0
    assert trend(range(count), values) == "down"


def test_a_straight_line_of_three_points_has_a_direction():
    assert trend([0, 1, 2], [1.0, 2.0, 3.0]) == "up"


def test_a_smooth_curve_that_turned_is_judged_by_where_it_goes():
    falls_and_returns = [abs(step - 500) / 500 + 0.1 for step in range(1000)]
    assert trend(range(1000), falls_and_returns) == "up"


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 7.0, 1e12])
@pytest.mark.parametrize("curve", [decay, white_noise], ids=lambda curve: curve.__name__)
def test_the_verdict_does_not_depend_on_the_scale(curve, scale):
    values = curve(500)
    assert trend(range(500), [value * scale for value in values]) == trend(range(500), values)


@given(values=st.lists(st.floats(-1e6, 1e6), max_size=200))
def test_a_mirrored_curve_has_the_opposite_verdict(values):
    steps = range(len(values))
    assert trend(steps, [-value for value in values]) == OPPOSITE[trend(steps, values)]


def test_fewer_than_three_finite_points_have_no_verdict():
    assert trend([], []) == ""
    assert trend(range(5), [1.0, math.nan, math.inf, 2.0, -math.inf]) == ""


def test_points_that_are_not_finite_are_left_out():
    values = array("d", decay(10_000))
    values[3000:3500] = array("d", [math.nan]) * 500
    assert trend(range(10_000), values) == "down"


def test_levels_are_the_means_of_equal_spans():
    assert levels(range(8), [1, 3, 5, 7, 9, 11, 13, 15], n=4) == [2, 6, 10, 14]


def test_levels_follow_the_steps_and_not_the_number_of_points():
    dense_then_rare = [*range(100), 1000]
    assert levels(dense_then_rare, [1.0] * 100 + [9.0], n=2) == [1.0, 9.0]


def test_an_empty_span_carries_the_level_before_it():
    assert levels([0, 1, 100], [4.0, 2.0, 8.0], n=4) == [3.0, 3.0, 3.0, 8.0]


def test_a_span_of_nan_alone_is_nan_and_a_single_nan_is_not():
    nan = math.nan
    first, middle, last = levels(range(6), [1.0, nan, nan, math.inf, 3.0, 5.0], n=3)
    assert (first, last) == (1.0, 4.0)
    assert math.isnan(middle)


def test_levels_of_one_point_or_one_step_are_level():
    assert levels([7], [2.0], n=3) == [2.0, 2.0, 2.0]
    assert levels([7, 7], [2.0, 4.0], n=2) == [3.0, 3.0]


def test_levels_of_nothing_are_nothing():
    assert levels([], []) == []


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=100), count=st.integers(1, 30))
def test_there_are_as_many_levels_as_asked_for_inside_the_range(values, count):
    got = levels(range(len(values)), values, count)
    assert len(got) == count
    slack = 1e-9 * max(map(abs, values))
    assert all(min(values) - slack <= level <= max(values) + slack for level in got)


def test_no_levels_at_all_are_refused():
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        levels([0], [1.0], n=0)


@pytest.mark.parametrize("ask", [levels, trend])
def test_columns_of_different_length_are_refused(ask):
    with pytest.raises(ValueError, match="steps has 0 numbers and values has 1"):
        ask([], [1.0])
