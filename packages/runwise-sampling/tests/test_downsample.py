"""downsample: few points, none of the important ones lost."""

from __future__ import annotations

import math
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_sampling import Stats, downsample, known_methods
from runwise_sampling.curve import Curve
from runwise_sampling.downsample import picker
from runwise_sampling.testing import METHOD_CHECKS

KEEPING = [method for method in known_methods() if method != "mean"]


@pytest.mark.parametrize("check", METHOD_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("method", KEEPING)
def test_every_method_keeps_the_contract(method, check):
    check(method)


def test_the_contract_refuses_a_method_that_repeats_a_point():
    with pytest.raises(AssertionError, match="do not rise"):
        METHOD_CHECKS[0](lambda _curve, count: [0] * count)


def test_the_contract_refuses_a_method_that_draws_lots():
    turns = iter(range(1000))

    def moody(_curve, _count):
        return [next(turns) % 100 + 10]

    with pytest.raises(AssertionError, match="two calls differ"):
        METHOD_CHECKS[-1](moody)


def test_the_folder_is_the_registry():
    assert known_methods() == ("even", "lttb", "m4", "mean", "minmax", "minmax-lttb")


@pytest.mark.parametrize("method", KEEPING)
@given(data=st.data(), count=st.integers(8, 40))
def test_extremes_and_first_non_finite_points_survive(points, method, data, count):
    drawn = sorted(data.draw(points), key=lambda point: point[0])
    steps, values = [step for step, _ in drawn], [value for _, value in drawn]
    whole, kept = Stats(), Stats()
    whole.extend(steps, values)
    few_steps, few = downsample(steps, values, count, method=method)
    kept.extend(few_steps, few)
    assert kept.total == min(count, len(drawn))
    for name in ("min", "max"):
        assert str(getattr(kept, name) + 0.0) == str(getattr(whole, name) + 0.0), name
    for name in ("nan_step", "inf_step", "neg_inf_step"):
        assert getattr(kept, name) == getattr(whole, name), name
    for end in (0, -1) if drawn else ():
        assert (few_steps[end], str(few[end])) == (steps[end], str(values[end]))


@pytest.mark.parametrize("method", KEEPING)
def test_a_spike_and_a_nan_one_step_wide_survive_in_100_000_steps(method):
    values = array("d", (2 / (1 + step / 1000) for step in range(100_000)))
    values[61_803], values[40_001] = 16.0, math.nan
    steps, kept = downsample(range(100_000), values, 50, method=method)
    assert len(steps) == 50
    assert kept[steps.index(61_803)] == 16.0
    assert math.isnan(kept[steps.index(40_001)])


def test_minmax_shows_every_spike_where_even_shows_the_highest_alone():
    values = [0.0] * 10_000
    for spike in range(10):
        values[spike * 1000 + 137] = 1.0 + spike
    shown = {method: downsample(range(10_000), values, 40, method=method)[1] for method in
             ("minmax", "even")}  # fmt: skip
    assert sum(value > 0 for value in shown["minmax"]) == 10
    assert sum(value > 0 for value in shown["even"]) == 1


def test_a_metric_logged_every_500th_step_is_sampled_on_its_own_points():
    steps = range(0, 1_000_000, 500)
    kept, _ = downsample(steps, [step * 1e-6 for step in steps], 2000)
    assert kept == list(steps)


def test_even_points_are_equally_far_apart():
    assert downsample(range(101), list(range(101)), 11, method="even")[0] == list(
        range(0, 101, 10)
    )


def test_a_stretch_of_nan_is_seen_as_one():
    values = [1.0] * 500 + [math.nan] * 500
    kept = downsample(range(1000), values, 40)[1]
    assert 15 <= sum(map(math.isnan, kept)) <= 25


@pytest.mark.parametrize(("count", "expected"), [(2, [0, 9]), (3, [0, 7, 9]), (4, [0, 4, 7, 9])])
def test_few_points_are_the_ends_then_the_extremes(count, expected):
    values = [5, 4, 4, 4, 90, 4, 4, 3, 4, 4]
    assert downsample(range(10), values, count)[0] == expected


def test_a_short_curve_comes_back_whole():
    assert downsample((0, 1, 2), array("d", [1, 2, 3]), 8) == ([0, 1, 2], [1.0, 2.0, 3.0])


def test_a_function_serves_as_a_method():
    steps, _ = downsample(range(100), [1.0] * 100, 8, method=lambda _curve, _count: [50])
    assert 50 in steps
    assert len(steps) == 8


@pytest.mark.parametrize("count", [1, 0, -3])
def test_fewer_than_two_points_are_refused(count):
    with pytest.raises(ValueError, match=f"n must be at least 2, not {count}"):
        downsample([0], [1.0], count)


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"method must be one of even, .*, minmax-lttb, not 'median'"
    ):
        downsample([0], [1.0], 8, method="median")


def test_the_mean_is_no_method_that_chooses():
    with pytest.raises(ValueError, match="method 'mean' makes points of its own"):
        picker("mean")


@pytest.mark.parametrize("count", [2, 3, 8, 50])
def test_the_mean_has_a_point_for_each_piece(count):
    steps, values = downsample(range(0, 1000, 10), [1.0, 3.0] * 50, count, method="mean")
    assert len(steps) == len(values) == count
    assert steps == sorted(steps)
    assert sum(steps) / count == pytest.approx(495, abs=10)
    assert all(1 <= value <= 3 for value in values)


def test_the_mean_leaves_single_nan_out_and_shows_a_stretch_of_them():
    values = [1.0, math.nan, 3.0, 3.0, math.nan, math.nan]
    steps, means = downsample(range(6), values, 3, method="mean")
    assert steps == [0.5, 2.5, 4.5]
    assert means[:2] == [1.0, 3.0]
    assert math.isnan(means[2])


def test_m4_keeps_first_lowest_highest_and_last_of_every_piece():
    values = [0.0, 5.0, -5.0, 1.0] * 25
    kept, _ = downsample(range(100), [*values[:50], *values[:50]], 8, method="m4")
    assert {0, 1, 2, 49, 50, 99} <= set(kept)


def test_the_largest_triangles_are_found_by_hand():
    heights = [0.0, 0.0, 9.0, 0.0, 0.0, -9.0, 0.0, 0.0]
    assert picker("lttb")(Curve(range(8), heights), 4) == [0, 2, 5, 7]


def test_minmax_lttb_draws_a_sine_more_evenly_than_minmax():
    wave = [math.sin(step / 500) for step in range(20_000)]
    shapes = {}
    for method in ("minmax", "minmax-lttb"):
        steps, values = downsample(range(20_000), wave, 60, method=method)
        drawn = [
            values[at] + (values[at + 1] - values[at]) * (place - steps[at]) / (gap or 1)
            for at, gap in enumerate(after - before for before, after in pairwise(steps))
            for place in range(steps[at], steps[at + 1])
        ]
        shapes[method] = sum(abs(a - b) for a, b in zip(drawn, wave[:-1], strict=True))
    assert shapes["minmax-lttb"] < 0.8 * shapes["minmax"]


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="steps has 1 numbers and values has 2"):
        downsample([0], [1.0, 2.0], 8)
