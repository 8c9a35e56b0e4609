"""runwise-sampling beside numpy, pandas and tsdownsample, where these are installed."""

from __future__ import annotations

import math
import random

import pytest

from runwise_sampling import Sketch, Stats, downsample
from runwise_sampling.correlation import correlation
from runwise_sampling.curve import Curve
from runwise_sampling.downsample import picker
from runwise_sampling.slope import slope
from runwise_sampling.stability import rolling

np = pytest.importorskip("numpy", reason="numpy is the independent computation")


@pytest.fixture
def loss():
    rng = np.random.default_rng(0)
    return 2 / (1 + np.arange(100_002) / 1000) + rng.normal(0, 0.02, 100_002)


@pytest.mark.parametrize("kind", [Stats, Sketch])
def test_statistics_equal_numpy(kind, loss):
    got = kind()
    got.extend(np.arange(len(loss)), loss)
    stats = got if kind is Stats else got.stats
    assert (stats.min, stats.min_step) == (loss.min(), loss.argmin())
    assert (stats.max, stats.max_step) == (loss.max(), loss.argmax())
    assert stats.mean == pytest.approx(loss.mean(), rel=1e-12)
    assert stats.variance == pytest.approx(loss.var(), rel=1e-9)
    assert stats.sample_variance == pytest.approx(loss.var(ddof=1), rel=1e-9)
    assert (stats.first, stats.last) == (loss[0], loss[-1])


def test_quantiles_are_as_near_to_numpy_as_they_say(loss):
    got = Sketch()
    got.extend(range(len(loss)), loss)
    for q in np.linspace(0, 1, 41):
        expected = np.quantile(loss, q, method="lower")
        assert got.quantile(q) == pytest.approx(expected, rel=got.quantile_error, abs=1e-37)


def test_bucket_means_equal_numpy(loss):
    got = Sketch()
    got.extend(range(len(loss)), loss)
    width = int(got.width)
    for place, one in enumerate(got.buckets):
        piece = loss[place * width : (place + 1) * width]
        assert one.mean == pytest.approx(piece.mean(), rel=1e-9, abs=1e-12)
        assert (one.min, one.max, one.finite) == (piece.min(), piece.max(), len(piece))


def test_the_slope_equals_all_pairs_in_numpy(loss):
    steps, values = np.arange(250) * 40.0, loss[:250]
    first, second = np.triu_indices(250, k=1)
    slopes = (values[second] - values[first]) / (steps[second] - steps[first])
    assert slope(steps, values) == pytest.approx(1000 * np.median(slopes), rel=1e-12)


def test_correlation_equals_numpy(loss):
    got = correlation(range(900), loss[:900], range(100, 1000), loss[200:1100])
    assert got.common == 800
    assert got.r == pytest.approx(np.corrcoef(loss[100:900], loss[200:1000])[0, 1], rel=1e-9)


def test_the_rolling_deviation_equals_pandas(loss):
    pandas = pytest.importorskip("pandas", reason="pandas is the independent computation")
    series = pandas.Series(loss[:5000]).rolling(100)
    got = list(rolling(range(5000), loss[:5000], 100))
    assert [std for _, _, std in got] == pytest.approx(series.std(ddof=0).dropna().tolist())
    assert [level for _, level, _ in got] == pytest.approx(series.mean().dropna().tolist())


def test_the_rolling_deviation_equals_numpy(loss):
    windows = np.lib.stride_tricks.sliding_window_view(loss[:5000], 100)
    got = list(rolling(range(5000), loss[:5000], 100))
    assert [std for _, _, std in got] == pytest.approx(windows.std(axis=1).tolist(), rel=1e-9)
    assert [level for _, level, _ in got] == pytest.approx(windows.mean(axis=1).tolist())


@pytest.mark.parametrize("method", ["minmax-lttb", "lttb", "m4", "minmax", "even", "mean"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u2", "f2", "O"])
def test_an_array_gives_the_points_that_a_list_gives(method, dtype, loss):
    values = (loss[:10_000] * 1000).clip(0, 60_000).astype(dtype)
    steps = np.arange(10_000) * 3
    got = downsample(steps, values, 200, method=method)
    assert got == downsample(steps.tolist(), values.tolist(), 200, method=method)
    assert {type(number) for column in got for number in column} <= {int, float}


@pytest.mark.parametrize("method", ["minmax-lttb", "m4", "minmax"])
def test_an_array_with_non_finite_values_gives_the_points_that_a_list_gives(method, loss):
    rng = random.Random(0)
    for odd in (math.nan, math.inf, -math.inf):
        loss[rng.sample(range(len(loss)), 30)] = odd
    loss[40_000:45_000] = math.nan
    steps = np.arange(len(loss))
    got = downsample(steps, loss, 300, method=method)
    expected = downsample(steps.tolist(), loss.tolist(), 300, method=method)
    assert list(map(str, got)) == list(map(str, expected))


def test_a_slice_with_a_stride_is_an_array_too(loss):
    got = downsample(np.arange(50_001), loss[::2], 100)
    assert got == downsample(range(50_001), loss[::2].tolist(), 100)


@pytest.mark.parametrize(
    ("method", "theirs", "points", "count"),
    [
        ("minmax-lttb", "MinMaxLTTBDownsampler", 100_002, 500),  # 100 to a piece inside the ends
        ("minmax-lttb", "MinMaxLTTBDownsampler", 1500, 500),  # too few to choose candidates
        ("lttb", "LTTBDownsampler", 99_999, 500),
        ("minmax", "MinMaxDownsampler", 100_000, 500),
        ("m4", "M4Downsampler", 100_000, 400),
    ],
)
def test_a_method_chooses_what_tsdownsample_chooses(method, theirs, points, count, loss):
    tsdownsample = pytest.importorskip(
        "tsdownsample", reason="tsdownsample has no wheel for every Python"
    )
    values = loss[:points].copy()
    expected = getattr(tsdownsample, theirs)().downsample(values, n_out=count)
    assert picker(method)(Curve(range(points), values.tolist()), count) == expected.tolist()
    assert picker(method)(Curve(np.arange(points), values), count) == expected.tolist()
