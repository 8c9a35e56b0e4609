"""slope, stability, correlation and standard error: what the everyday reports say."""

from __future__ import annotations

import math
import random
import statistics
import tracemalloc
from array import array
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_sampling import correlation as correlation_module
from runwise_sampling.correlation import correlation
from runwise_sampling.slope import EXACT, PAIRS, slope
from runwise_sampling.stability import rolling, stability
from runwise_sampling.standard_error import standard_error


def white(count, seed=0, scale=1.0):
    rng = random.Random(seed)
    return [rng.gauss(0, scale) for _ in range(count)]


def remembering(count, share, seed):
    """An AR(1) process: each value is a share of the one before and something new."""
    rng, value, values = random.Random(seed), 0.0, []
    for _ in range(count):
        value = share * value + rng.gauss(0, 1)
        values.append(value)
    return values


# --- slope ---


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_the_slope_is_the_median_of_all_slopes(values):
    steps = [step * 7 for step in range(len(values))]
    pairs = combinations(zip(steps, values, strict=True), 2)
    expected = statistics.median((d - b) / (c - a) for (a, b), (c, d) in pairs)
    assert slope(steps, values) == pytest.approx(expected * 1000)


def test_the_slope_counts_steps_and_not_rows():
    assert slope(range(0, 100_000, 100), [-1e-5 * row for row in range(1000)]) == pytest.approx(
        -1e-4
    )


def test_a_third_of_spikes_do_not_turn_the_slope():
    values = [0.5 * step for step in range(3000)]
    for step in range(0, 3000, 4):
        values[step] = 1e9
    assert slope(range(3000), values) == pytest.approx(500, rel=0.01)


def test_the_slope_of_a_long_curve_is_within_the_stated_ranks():
    values = [0.001 * step + noise for step, noise in enumerate(white(1500))]
    points = list(enumerate(values))
    slopes = sorted((d - b) / (c - a) for (a, b), (c, d) in combinations(points, 2))
    got = slope(range(1500), values, per=1)
    ranks = [sum(one < got for one in slopes) / len(slopes)]
    assert len(values) > EXACT
    assert abs(ranks[0] - 0.5) < 4 * 0.5 / math.sqrt(PAIRS)


def test_the_same_seed_gives_the_same_slope_and_another_nearly_so():
    values = [0.001 * step + noise for step, noise in enumerate(white(5000))]
    once, again, other = (slope(range(5000), values, seed=seed) for seed in (0, 0, 1))
    assert once == again != other
    assert once == pytest.approx(other, rel=0.02)


def test_a_slope_needs_two_steps_with_finite_values():
    assert math.isnan(slope([], []))
    assert math.isnan(slope([1], [2.0]))
    assert math.isnan(slope([1, 1, 2], [1.0, 2.0, math.nan]))
    assert slope([0] * 5000 + [10], [1.0] * 5000 + [2.0]) == pytest.approx(100)
    assert slope(range(100), [3.0] * 100) == 0


# --- stability ---


@given(
    values=st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=60),
    window=st.integers(2, 20),
)
def test_the_rolling_deviation_is_that_of_each_window(values, window):
    got = list(rolling(range(len(values)), values, window))
    finite = [(step, value) for step, value in enumerate(values) if math.isfinite(value)]
    windows = [finite[at : at + window] for at in range(len(finite) - window + 1)]
    assert [step for step, _, _ in got] == [points[-1][0] for points in windows]
    for (_, level, std), points in zip(got, windows, strict=True):
        numbers = [value for _, value in points]
        scale = max(map(abs, numbers))
        assert level == pytest.approx(statistics.fmean(numbers), abs=1e-9 * scale + 1e-300)
        assert std == pytest.approx(
            statistics.pstdev(numbers), rel=1e-6, abs=1e-7 * scale + 1e-150
        )


def test_a_spike_leaves_no_trace_once_it_left_the_window():
    values = white(2000, scale=1e-3)
    clean = [std for _, _, std in rolling(range(2000), values, 100)]
    values[700] = 1e9
    after = [std for _, _, std in rolling(range(2000), values, 100)]
    assert after[701:] == pytest.approx(clean[701:], rel=1e-6)
    assert min(after[601:701]) > 1e7


@pytest.mark.parametrize(
    ("scale", "status"), [(0.03, "STABLE"), (0.3, "MODERATE"), (3.0, "NOISY")]
)
def test_the_status_compares_the_last_deviation_with_the_range(scale, status):
    rng = random.Random(0)
    values = [4 * math.exp(-step / 100) + rng.choice((-scale, scale)) for step in range(2000)]
    got = stability(values)
    reach = max(values) - min(values)
    assert got.final_std == pytest.approx(statistics.pstdev(values[-100:]))
    assert got.share == pytest.approx(got.final_std / reach)
    assert got.status == status


@pytest.mark.parametrize(
    ("end", "trend"), [(0.3, "stabilising"), (1.0, "steady"), (3.0, "destabilising")]
)
def test_the_trend_compares_the_last_quarter_with_the_first(end, trend):
    noise = white(4000)
    values = [value * (1 + (end - 1) * at / 4000) for at, value in enumerate(noise)]
    assert stability(values).trend == trend


def test_stability_of_curves_with_little_to_say():
    for values in ([], [1.0], [math.nan] * 50):
        got = stability(values)
        assert (got.status, got.trend) == ("", "")
        assert math.isnan(got.final_std)
    constant = stability([0.1] * 500)
    assert (constant.final_std, constant.status, constant.trend) == (0, "STABLE", "steady")
    assert stability(white(30), window=100).window == 15


@pytest.mark.parametrize("window", [1, 0, -5])
def test_windows_below_two_are_refused(window):
    with pytest.raises(ValueError, match=f"window must be at least 2, not {window}"):
        stability([1.0, 2.0], window)
    with pytest.raises(ValueError, match=f"window must be at least 2, not {window}"):
        rolling([0, 1], [1.0, 2.0], window)


def test_stability_takes_less_than_100_mb_for_a_million_rows():
    values = array("d", range(1000)) * 100
    tracemalloc.start()
    try:
        got = stability(values)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert got.trend == "steady"
    assert peak < 90 * len(values)


# --- correlation ---


@given(data=st.data())
def test_correlation_is_pearson_on_common_steps(data):
    column = st.dictionaries(st.integers(0, 20), st.integers(-100, 100), max_size=15)
    one, other = data.draw(column), data.draw(column)
    got = correlation(list(one), list(one.values()), list(other), list(other.values()))
    common = sorted(one.keys() & other.keys())
    ones, others = [one[step] for step in common], [other[step] for step in common]
    assert got.common == len(common)
    if len(set(ones)) < 2 or len(set(others)) < 2:
        assert math.isnan(got.r)
    else:
        assert got.r == pytest.approx(statistics.correlation(ones, others), abs=1e-9)


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e300])
def test_correlation_does_not_depend_on_the_size(size):
    values = white(100)
    other = [
        size * (0.3 * value + noise) for value, noise in zip(values, white(100, 1), strict=True)
    ]
    expected = statistics.correlation(values, [value / size for value in other])
    assert correlation(range(100), values, range(100), other).r == pytest.approx(expected)


def test_values_that_are_not_finite_correlate_with_nothing():
    got = correlation(range(4), [1.0, 2.0, math.nan, 3.0], range(4), [2.0, 4.0, 1.0, math.inf])
    assert got == correlation_module.Correlation(pytest.approx(1.0), 2)


# --- standard error ---


def test_without_memory_it_is_the_textbook_error():
    errors = [standard_error(white(1000, seed)) for seed in range(40)]
    assert statistics.fmean(errors) == pytest.approx(1 / math.sqrt(1000), rel=0.1)


@pytest.mark.parametrize(("share", "count"), [(0.5, 2000), (0.9, 5000), (0.9, 40_000)])
def test_with_memory_it_is_the_spread_of_repeated_means(share, count):
    expected = 1 / (1 - share) / math.sqrt(count)  # of the mean of an AR(1) process
    errors = [standard_error(remembering(count, share, seed)) for seed in range(20)]
    assert statistics.fmean(errors) == pytest.approx(expected, rel=0.12)


def test_standard_errors_of_curves_with_little_to_say():
    assert math.isnan(standard_error([]))
    assert math.isnan(standard_error([1.0, math.nan]))
    assert standard_error([0.1] * 500) == 0
    assert standard_error([1.0, math.inf, 3.0]) == pytest.approx(1.0)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="steps has 1 numbers and values has 2"):
        slope([0], [1.0, 2.0])
    with pytest.raises(ValueError, match="steps has 1 numbers and values has 2"):
        rolling([0], [1.0, 2.0])
    with pytest.raises(ValueError, match="per must be above 0, not 0"):
        slope([0], [1.0], per=0)
    with pytest.raises(ValueError, match="other_steps has 1 numbers and other_values has 0"):
        correlation([0], [1.0], [0], [])
    with pytest.raises(ValueError, match="steps has 2 numbers and values has 1"):
        correlation([0, 1], [1.0], [0], [1.0])
