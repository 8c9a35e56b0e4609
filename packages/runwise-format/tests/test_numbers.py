"""Numbers are short, and still the numbers they were."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runwise_format.numbers import decimal, duration, exact_step, scale, scaled, short, telling

FINITE = st.floats(-1.7e308, 1.7e308)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.34812, ".348"),
        (-0.34812, "-.348"),
        (2.0, "2"),
        (2.10, "2.1"),
        (0.999951, "1"),
        (99.97, "100"),
        (12345.678, "12346"),
        (1234567.0, "1234567"),
        (1234567.8, "1.23e6"),
        (1.23e9, "1.23e9"),
        (0.0001, ".0001"),
        (0.00003, "3e-5"),
        (5e-324, "5e-324"),
        (-0.0, "0"),
        (124439808, "124439808"),
        (2**64 - 1, "18446744073709551615"),
        (10**25, "1e25"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_a_number_is_written_short(value, text):
    assert short(value) == text


@given(FINITE)
def test_three_digits_survive_the_round_trip(value):
    assert float(short(value)) == pytest.approx(value, rel=5.001e-3, abs=1e-323)


@given(FINITE)
def test_it_is_never_longer_than_the_repr(value):
    assert len(short(value)) <= len(repr(value))
    assert len(decimal(value, 17)) <= max(len(repr(value)), len(f"{value:.17g}"))


@given(st.integers(-(10**20), 10**20))
def test_integers_are_exact(value):
    assert int(short(value)) == int(decimal(value)) == int(exact_step(value)) == value


@given(st.lists(FINITE, max_size=20))
def test_unequal_numbers_can_be_told_apart_where_digits_are_free(values):
    texts = telling(values, 3, 17)
    pairs = list(zip(values, texts, strict=True))
    assert all((a == b) == (x == y) for a, x in pairs for b, y in pairs)


def test_only_the_numbers_that_look_alike_get_another_digit():
    assert telling([0.34812, 0.34831, 0.9123]) == [".3481", ".3483", ".912"]
    assert telling([0.5, 0.5, math.nan, math.nan]) == [".5", ".5", "NaN", "NaN"]


def test_a_learning_rate_column_is_scaled_to_integers():
    rates = [3e-5, 2.75e-5, 2.5e-5, 0.0]
    power = scale(rates)
    assert power == -6
    assert telling(scaled(rates, power)) == ["30", "27.5", "25", "0"]


@pytest.mark.parametrize(
    "values",
    [[], [0.0], [math.nan], [0.3, 0.2, 3e-5], [3e-5, 2.0], [1000000, 2000000], [3e-5], [1e6, 2e6]],
)
def test_other_columns_are_left_alone(values):
    assert scale(values) == 0


@given(st.lists(st.floats(1e-12, 9e-3), min_size=1, max_size=30))
def test_scaling_keeps_three_digits(values):
    power = scale(values)
    assume(power)
    for value, text in zip(values, telling(scaled(values, power)), strict=True):
        assert float(f"{text}e{power}" if "e" not in text else text) == pytest.approx(
            value if "e" not in text else value / 10.0**power, rel=5.001e-3
        )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (59.4, "59.4s"), (60, "1m"), (3599.6, "1h"), (7260, "2h1m"), (-90, "-1m30s"),
        (86400 * 40, "40d"), (math.nan, "NaNs"),
    ],
)  # fmt: skip
def test_a_duration_has_its_two_largest_units(seconds, text):
    assert duration(seconds) == text


@given(st.floats())
def test_every_float_can_be_written(value):
    assert short(value)
    assert duration(value)
    assert exact_step(value)
    assert scale([value, value]) in (0, -3, -6, -9, -12, 6, 9, 12)
