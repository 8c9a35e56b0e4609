"""Axes: round numbers inside, few enough, and told apart."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from runwise_format.scale import Scale, scale_of, tick_words

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def test_ticks_are_round():
    assert Scale(0, 4980).ticks(6) == [0, 1000, 2000, 3000, 4000]
    assert Scale(-0.31, 0.72).ticks(5) == [-0.2, 0, 0.2, 0.4, 0.6]


def test_a_logarithmic_axis_has_powers_and_their_doubles_where_these_are_few():
    assert Scale(0.0771, 2.5, log=True).ticks(5) == [0.1, 0.2, 0.5, 1, 2]
    assert Scale(1e-9, 1e3, log=True).ticks(4) == [1e-9, 1e-5, 0.1, 1000]


def test_ends_come_from_finite_values_alone():
    scale = scale_of([math.nan, 3.0, math.inf, 1.0])
    assert (scale.low, scale.high) == (1.0, 3.0)
    assert math.isnan(scale.at(math.nan))


def test_a_curve_that_never_moves_has_room_around_it():
    assert scale_of([7.0, 7.0]).at(7.0) == 0.5
    assert scale_of([0.0]).low < 0 < scale_of([0.0]).high


def test_large_numbers_are_told_in_thousands():
    assert tick_words([0.0, 20000.0, 40000.0]) == ["0", "20k", "40k"]
    assert tick_words([1e6, 1.5e6]) == ["1M", "1.5M"]


@given(FINITE, FINITE, st.integers(2, 12), st.booleans())
def test_any_axis_has_a_few_rising_ticks_within_it(one, other, most, log):
    scale = scale_of([one, other], log=log)
    ticks = scale.ticks(most)
    assert 2 <= len(ticks) <= most
    assert ticks == sorted(ticks)
    room = (scale.high / 2 - scale.low / 2) * 1e-6
    assert all(scale.low - room <= tick <= scale.high + room for tick in ticks)
    assert len(set(tick_words(ticks))) >= min(2, len(set(ticks)))
