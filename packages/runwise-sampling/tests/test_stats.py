"""Stats: exact, streamed, merged."""

from __future__ import annotations

import math
import random
import statistics
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_sampling import Stats, stats

COUNTS = ("count", "nan_count", "inf_count", "neg_inf_count", "total")
PLACES = tuple(f"{name}_step" for name in ("min", "max", "first", "last", "nan", "inf", "neg_inf"))
VALUES = ("min", "max", "first", "last")


def by_update(points):
    result = Stats()
    for step, value in points:
        result.update(step, value)
    return result


def by_extend(points):
    result = Stats()
    result.extend([step for step, _ in points], [value for _, value in points])
    return result


def assert_same(one, other):
    for name in (*COUNTS, *PLACES):
        assert getattr(one, name) == getattr(other, name), name
    for name in VALUES:
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=0, nan_ok=True), name
    scale = max(abs(one.min), abs(one.max), 1e-300)
    assert one.mean == pytest.approx(other.mean, rel=1e-9, abs=1e-9 * scale, nan_ok=True)
    for name in ("variance", "sample_variance"):
        expected = getattr(other, name)
        got = getattr(one, name)
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-9 * scale**2, nan_ok=True), name


@given(data=st.data(), block=st.sampled_from([1, 2, 7, 4096]))
def test_extend_equals_repeated_update(points, data, block):
    drawn = data.draw(points)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stats, "BLOCK", block)  # so that a few points make many blocks
        assert_same(by_extend(drawn), by_update(drawn))


@given(data=st.data())
def test_merged_pieces_equal_the_whole(points, data):
    drawn = data.draw(points)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(drawn)), max_size=4)))
    merged = Stats()
    for start, stop in zip([0, *cuts], [*cuts, len(drawn)], strict=True):
        merged.merge(by_extend(drawn[start:stop]))
    assert_same(merged, by_update(drawn))


@given(data=st.data())
def test_pieces_merge_in_any_order(points, data):
    drawn = data.draw(points)
    cut = data.draw(st.integers(0, len(drawn)))
    forth, back = by_extend(drawn[:cut]), by_extend(drawn[cut:])
    back.merge(by_extend(drawn[:cut]))
    forth.merge(by_extend(drawn[cut:]))
    assert_same(forth, back)


def test_moments_equal_the_standard_library(noisy_loss):
    got = Stats()
    got.extend(range(len(noisy_loss)), noisy_loss)
    assert got.mean == pytest.approx(statistics.fmean(noisy_loss), rel=1e-12)
    assert got.variance == pytest.approx(statistics.pvariance(noisy_loss), rel=1e-9)
    assert got.sample_variance == pytest.approx(statistics.variance(noisy_loss), rel=1e-9)
    assert got.std == math.sqrt(got.variance)


def test_a_small_spread_on_a_large_mean_does_not_cancel():
    rng = random.Random(1)
    values = [1e9 + rng.gauss(0, 1e-2) for _ in range(10_000)]
    got = Stats()
    got.extend(range(10_000), values)
    assert got.variance == pytest.approx(statistics.pvariance(values), rel=1e-5)


def test_one_nan_among_many_is_found_and_left_out_of_the_moments(noisy_loss):
    got, clean = Stats(), Stats()
    clean.extend(range(len(noisy_loss)), noisy_loss)
    clean_mean = (clean.mean * clean.count - noisy_loss[12_345]) / (clean.count - 1)
    noisy_loss[12_345] = math.nan
    got.extend(range(len(noisy_loss)), noisy_loss)
    assert (got.nan_count, got.nan_step, got.count) == (1, 12_345, 19_999)
    assert got.mean == pytest.approx(clean_mean, rel=1e-12)


def test_infinities_are_counted_by_sign_and_are_no_extremes():
    got = by_extend([(0, 1.0), (1, math.inf), (2, -math.inf), (3, math.inf), (4, 2.0)])
    assert (got.inf_count, got.inf_step, got.neg_inf_count, got.neg_inf_step) == (2, 1, 1, 2)
    assert (got.min, got.max, got.mean) == (1.0, 2.0, 1.5)


def test_best_is_the_earliest_of_equals_in_either_direction():
    got = by_extend([(0, 1.0), (10, 0.5), (20, 2.0), (30, 0.5), (40, 2.0)])
    assert got.best("min") == (0.5, 10)
    assert got.best("max") == (2.0, 20)


def test_best_rejects_a_direction_it_does_not_know():
    with pytest.raises(ValueError, match=r'direction must be "min" or "max", not "?.*up'):
        Stats().best("up")


def test_a_curve_that_ends_in_nan_says_so():
    got = by_extend([(0, 1.0), (1, 0.5), (2, math.nan)])
    assert math.isnan(got.last)
    assert (got.last_step, got.first, got.first_step) == (2, 1.0, 0)


def test_a_constant_has_its_own_mean_and_no_variance():
    got = Stats()
    got.extend(range(10_000), array("d", [0.1]) * 10_000)
    assert (got.mean, got.variance) == (0.1, 0.0)


def test_the_last_of_a_repeated_step_is_the_highest_whatever_came_last():
    got = by_extend([(0, 2.0), (9, 3.0), (9, 1.0), (0, 1.0)])
    assert (got.first, got.last) == (1.0, 3.0)


def test_an_empty_curve_has_counts_of_zero_and_no_places():
    empty = by_extend([])
    assert (empty.count, empty.total, empty.min_step, empty.last_step) == (0, 0, None, None)
    assert all(math.isnan(value) for value in (empty.mean, empty.variance, empty.std, empty.min))
    empty.merge(Stats())
    assert empty.total == 0


def test_one_point_has_no_sample_variance():
    got = by_extend([(3, 2.0)])
    assert got.variance == 0.0
    assert math.isnan(got.sample_variance)


def test_values_whose_sum_overflows_keep_their_mean_and_extremes():
    values = [1.7e308, 1.7e308, -1.7e308, 1.7e308]
    for got in (by_extend(list(enumerate(values))), by_update(list(enumerate(values)))):
        assert (got.min, got.max, got.count) == (-1.7e308, 1.7e308, 4)
        assert got.mean == pytest.approx(0.85e308)
        assert got.variance == math.inf


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="steps has 2 numbers and values has 1"):
        Stats().extend([0, 1], [1.0])
