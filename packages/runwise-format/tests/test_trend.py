"""A sparkline shows the shape of a curve, holes included."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_format.trend import arrow, blocks, digits


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], ""),
        ([3.0], "5"),
        ([2.0, 2.0, 2.0], "555"),
        ([0.0, 9.0], "09"),
        (range(10), "0123456789"),
        ([0.0, math.nan, 9.0, math.inf], "0x9x"),
        ([math.nan], "x"),
        ([-1.7e308, 0.0, 1.7e308], "049"),
        ([0.0, 5e-324], "55"),
    ],
)
def test_a_curve_is_drawn_as_digits(values, text):
    assert digits(list(values)) == text


def test_blocks_use_the_whole_height():
    assert blocks([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"


def test_a_single_nan_survives_thinning():
    values = [1.0] * 1000
    values[501] = math.nan
    assert digits(values) == "55555x5555"


@given(st.lists(st.floats(), max_size=200), st.integers(1, 40))
def test_it_is_as_long_as_asked_at_most(values, width):
    assert len(digits(values, width)) == min(len(values), width)
    assert set(digits(values, width)) <= set("0123456789x")


@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=10, unique=True))
def test_the_lowest_is_nought_and_the_highest_nine(values):
    text = digits(values)
    low, high = values.index(min(values)), values.index(max(values))
    assert (text[low], text[high]) in (("0", "9"), ("5", "5"))


def test_directions_have_arrows_in_both_alphabets():
    assert [arrow(word) for word in ("up", "down", "flat", "noisy", "?")] == [
        "↑",
        "↓",
        "→",
        "~",
        "",
    ]
    assert arrow("down", ascii_only=True) == "v"
