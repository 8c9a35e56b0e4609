"""Sketch: streamed, merged, and the same whatever the order."""

from __future__ import annotations

import math
import random
import statistics
import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_sampling import Sketch, Stats, downsample, rising_steps, sketch
from runwise_sampling.bucket import bucket_of
from runwise_sampling.rising_steps import RisingSteps

EXACT_STATS = (
    *("count", "nan_count", "inf_count", "neg_inf_count", "min", "max", "first", "last"),
    *(f"{name}_step" for name in ("min", "max", "first", "last", "nan", "inf", "neg_inf")),
)


def by_update(points, buckets=8):
    result = Sketch(buckets)
    for step, value in points:
        result.update(step, value)
    return result


def by_extend(points, buckets=8):
    result = Sketch(buckets)
    result.extend([step for step, _ in points], [value for _, value in points])
    return result


def close(one, other, scale):
    return one == pytest.approx(other, rel=1e-9, abs=1e-9 * scale, nan_ok=True)


def assert_same(one, other):
    assert (one.missing, one.width, one.quantile_error) == (
        other.missing, other.width, other.quantile_error)  # fmt: skip
    mine, theirs = one.stats, other.stats
    for name in EXACT_STATS:
        assert repr(getattr(mine, name) + 0.0 if getattr(mine, name) is not None else None) == (
            repr(getattr(theirs, name) + 0.0 if getattr(theirs, name) is not None else None)
        ), name
    scale = max(abs(mine.min), abs(mine.max), 1e-300)
    assert close(mine.mean, theirs.mean, scale)
    assert close(mine.variance, theirs.variance, scale**2)
    assert len(one.buckets) == len(other.buckets)
    for ours, others in zip(one.buckets, other.buckets, strict=True):
        without_mean = (ours._replace(mean=0.0), others._replace(mean=0.0))
        assert plain(without_mean[0]) == plain(without_mean[1])
        assert close(ours.mean, others.mean, scale)
    for q in (0, 0.25, 0.5, 1):
        assert plain([one.quantile(q)]) == plain([other.quantile(q)])


def plain(numbers):
    return ["nan" if math.isnan(number) else number + 0.0 for number in numbers]


@pytest.fixture
def small_blocks(monkeypatch):
    """So that a few points make many blocks."""
    monkeypatch.setattr(sketch, "BLOCK", 7)
    monkeypatch.setattr(sketch, "PENDING", 5)


@given(data=st.data())
def test_any_split_and_merge_order_gives_the_same_sketch(points, data):
    drawn = data.draw(points)
    shuffled = data.draw(st.permutations(drawn))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(drawn)), max_size=4)))
    pieces = [by_extend(shuffled[a:b]) for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    while len(pieces) > 1:
        taken = pieces.pop(data.draw(st.integers(0, len(pieces) - 1)))
        pieces[data.draw(st.integers(0, len(pieces) - 1))].merge(taken)
    assert_same(pieces[0], by_update(drawn))


@given(data=st.data(), block=st.integers(1, 40), pending=st.integers(1, 40))
def test_extend_equals_repeated_update(points, data, block, pending):
    drawn = data.draw(points)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "BLOCK", block)
        patch.setattr(sketch, "PENDING", pending)
        assert_same(by_extend(drawn), by_update(drawn))


@given(data=st.data(), block=st.integers(1, 40), pending=st.integers(1, 40))
def test_steps_that_several_curves_share_give_the_same_sketches(points, data, block, pending):
    drawn = sorted(data.draw(points), key=lambda point: point[0])
    cut = data.draw(st.integers(0, len(drawn)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rising_steps, "BLOCK", block)
        patch.setattr(sketch, "PENDING", pending)
        one, other = Sketch(8), Sketch(8)
        for piece in (drawn[:cut], drawn[cut:]):
            steps = RisingSteps([step for step, _ in piece])
            one.extend(steps, [value for _, value in piece])
            other.extend(steps, array("d", (-value for _, value in piece)))
    assert_same(one, by_update(drawn))
    assert_same(other, by_update([(step, -value) for step, value in drawn]))


@pytest.mark.parametrize("steps", [[1, 0], [0, math.nan], [0, math.inf]])
def test_steps_to_share_must_be_finite_and_must_not_fall(steps):
    with pytest.raises(ValueError, match="must be finite and must not fall"):
        RisingSteps(steps)


def test_a_block_too_large_for_the_grid_makes_it_coarse_at_once():
    steps = RisingSteps(range(39_900))
    values = [math.sin(step / 90) for step in range(39_900)]
    one, other = Sketch(64), Sketch(64)
    one.extend(steps, values)
    for start in range(0, 39_900, 300):
        other.extend(range(start, start + 300), values[start : start + 300])
    assert_same(one, other)


@given(data=st.data())
def test_up_to_its_limit_it_is_lossless(points, data):
    drawn = data.draw(points)
    steps, values = by_update(drawn, buckets=max(8, len(drawn))).points()
    kept = sorted(zip(steps, map(str, plain(values)), strict=True))
    assert kept == sorted((step, str(plain([value])[0])) for step, value in drawn)


@given(data=st.data())
def test_bytes_bring_it_back(points, data):
    once = by_extend(data.draw(points))
    again = Sketch.from_bytes(once.to_bytes())
    assert again == once
    assert_same(again, once)


@given(data=st.data())
def test_what_came_back_from_bytes_goes_on_as_if_never_stored(points, data):
    before, after = data.draw(points), data.draw(points)
    stored = Sketch.from_bytes(by_extend(before).to_bytes())
    for step, value in after:
        stored.update(step, value)
    assert_same(stored, by_extend(before + after))


@given(data=st.data(), count=st.integers(8, 30))
def test_extremes_and_first_non_finite_points_survive_in_its_points(points, data, count):
    drawn = data.draw(points)
    whole, kept = Stats(), Stats()
    whole.extend([step for step, _ in drawn], [value for _, value in drawn])
    kept.extend(*by_extend(drawn).points(count))
    for name in EXACT_STATS:
        if not name.endswith("count"):
            assert plain([getattr(kept, name) or 0]) == plain([getattr(whole, name) or 0]), name


@given(junk=st.binary(max_size=200))
def test_other_bytes_are_refused(junk):
    with pytest.raises(ValueError, match="data is"):
        Sketch.from_bytes(junk)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), cut=st.integers(0, 10_000))
def test_damaged_bytes_are_refused(place, bit, cut):
    whole = by_extend([(step, float(step)) for step in range(100)]).to_bytes()
    damaged = bytearray(whole)
    damaged[place % len(whole)] ^= 1 << bit
    for data in (bytes(damaged), whole[: cut % len(whole)], whole + b"\0"):
        with pytest.raises(ValueError, match="data is"):
            Sketch.from_bytes(data)


def test_a_later_version_is_refused_by_its_number():
    data = bytearray(Sketch().to_bytes())
    data[4] = 7
    with pytest.raises(ValueError, match="a sketch of version 7, and this reads 1"):
        Sketch.from_bytes(bytes(data))


def test_buckets_are_the_cells_of_the_finest_dyadic_grid_that_fits():
    got = by_extend([(step, float(step % 7)) for step in range(1000)], buckets=16)
    assert got.width == 64
    assert [one.first_step for one in got.buckets] == list(range(0, 1000, 64))
    values = [float(step % 7) for step in range(128, 192)]
    third = bucket_of([float(step) for step in range(128, 192)], values)
    assert got.buckets[2]._replace(mean=0) == third._replace(mean=0)
    assert got.buckets[2].mean == pytest.approx(statistics.fmean(values))


def test_fractional_steps_have_cells_below_one():
    got = by_extend([(step / 1024, 1.0) for step in range(1024)], buckets=64)
    assert got.width == 1 / 64
    assert len(got.buckets) == 64


def test_few_steps_often_repeated_keep_a_bucket_each():
    drawn = [(step, float(value)) for value in range(50) for step in (0, 10, 20)]
    got = by_extend(drawn)
    assert [one.first_step for one in got.buckets] == [0, 10, 20]
    assert {(one.min, one.max, one.first, one.last) for one in got.buckets} == {(0, 49, 0, 49)}


def test_steps_beyond_the_whole_numbers_of_a_float_are_rounded_alike_in_any_order():
    drawn = [(2**60 + 3 * step, 1.0 * step) for step in range(400)]
    assert_same(by_extend(drawn), by_update(drawn[::-1]))


def test_steps_of_any_finite_size_are_placed():
    drawn = [(sign * 10.0**power, 1.0) for power in range(-300, 309, 4) for sign in (1, -1)]
    got = by_extend(drawn)
    assert got.stats.count == len(drawn)
    assert 1 <= len(got.buckets) <= 8
    assert_same(got, by_update(drawn[::-1]))


def test_points_without_a_usable_step_are_counted_and_left_out():
    got = Sketch()
    got.update(None, 1.0)
    got.update(math.nan, 2.0)
    got.extend([None, 3, math.inf] * 300, [1.0] * 900)
    assert (got.missing, got.stats.count, got.stats.first_step) == (602, 300, 3)


def test_what_is_no_number_is_refused_and_changes_nothing():
    got = Sketch()
    for step, value in ((0, "high"), ("first", 1.0), (0, None)):
        with pytest.raises(TypeError):
            got.update(step, value)
    assert got == Sketch()


def test_the_last_of_a_repeated_step_is_the_highest_and_nan_above_all():
    got = by_extend([(5, 2.0), (5, 3.0), (5, 1.0)])
    assert (got.stats.first, got.stats.last) == (1.0, 3.0)
    got.update(5, math.nan)
    assert math.isnan(got.stats.last)


def test_a_spike_and_a_nan_one_step_wide_survive_a_million_steps(noisy_loss):
    got = Sketch(64)
    values = noisy_loss * 50
    values[61_803], values[540_001] = 16.0, math.nan
    got.extend(range(1_000_000), values)
    assert (got.stats.best("max"), got.stats.nan_step) == ((16.0, 61_803), 540_001)
    for n in (None, 50):
        steps, kept = got.points(n)
        assert kept[steps.index(61_803)] == 16.0
        assert math.isnan(kept[steps.index(540_001)])
    assert len(got.points(50)[0]) == 50


def test_moments_equal_the_standard_library(noisy_loss):
    got = Sketch()
    for start in range(0, len(noisy_loss), 700):
        block = noisy_loss[start : start + 700]
        got.extend(range(start, start + len(block)), block)
    assert got.stats.mean == pytest.approx(statistics.fmean(noisy_loss), rel=1e-9)
    assert got.stats.variance == pytest.approx(statistics.pvariance(noisy_loss), rel=1e-9)


@pytest.mark.parametrize(
    ("draw", "worst"),
    [
        (lambda rng: 2.0 + rng.random() / 10, 0.004),
        (lambda rng: rng.choice([0.0, 1.0, -3.0]), 0.004),
        (lambda rng: 2 / (1 + rng.random() * 50), 0.008),
        (lambda rng: -rng.expovariate(1) * 1e-9, 0.03),
        (lambda rng: rng.gauss(0, 1), 0.06),
        (lambda rng: rng.lognormvariate(0, 8), 0.12),
        (lambda rng: rng.gauss(0, 1) ** 15, 0.34),
    ],
    ids=["narrow", "three values", "loss", "negative", "around zero", "many decades", "absurd"],
)
def test_quantiles_are_off_by_no_more_than_they_say(draw, worst):
    rng = random.Random(0)
    values = [draw(rng) for _ in range(30_000)]
    got = Sketch()
    got.extend(range(len(values)), values)
    ordered = sorted(values)
    for percent in range(101):
        expected = ordered[math.floor(percent / 100 * (len(values) - 1))]
        error = abs(got.quantile(percent / 100) - expected)
        assert error <= got.quantile_error * abs(expected) + 1.2e-38, percent
    assert got.quantile_error <= worst
    assert (got.quantile(0), got.quantile(1)) == (ordered[0], ordered[-1])


def test_quantiles_of_few_points_are_exact_and_of_none_are_nan():
    got = by_extend([(0, 3.0), (1, math.nan), (2, 1.0), (3, 2.0)])
    assert [got.quantile(q) for q in (0, 0.5, 1)] == [1.0, 2.0, 3.0]
    assert got.quantile_error == 0
    assert math.isnan(Sketch().quantile(0.5))
    assert math.isnan(by_extend([(step, math.nan) for step in range(20)]).quantile(0.5))


def test_a_window_is_the_buckets_that_reach_into_it():
    got = by_extend([(step, 0.0) for step in range(0, 1000, 10)], buckets=16)
    assert [one.first_step for one in got.window(130, 260)] == [130, 200, 260]
    assert got.window(-50, -1) == []
    assert len(got.window(-math.inf, math.inf)) == len(got.buckets)


def test_the_edge_cases_of_a_curve():
    nothing, one = Sketch(), by_extend([(3, 2.0)])
    constant = by_extend([(step, 0.1) for step in range(1000)])
    lost = by_extend([(step, math.nan) for step in range(1000)])
    assert (nothing.points(8), nothing.buckets, nothing.stats.total) == (([], []), [], 0)
    assert (one.points(8), one.stats.variance) == (([3.0], [2.0]), 0)
    assert (constant.stats.mean, constant.stats.variance, constant.quantile(0.5)) == (0.1, 0, 0.1)
    assert {bucket.mean for bucket in constant.buckets} == {0.1}
    assert (lost.stats.count, lost.stats.nan_count, lost.stats.nan_step) == (0, 1000, 0)
    assert {bucket.marks for bucket in lost.buckets} == {1}
    assert all(map(math.isnan, lost.points(8)[1]))


def test_values_whose_sum_overflows_keep_their_extremes():
    drawn = [(step, 1.7e308 * (-1) ** step) for step in range(100)]
    for got in (by_extend(drawn), by_update(drawn)):
        assert (got.stats.min, got.stats.max, got.stats.count) == (-1.7e308, 1.7e308, 100)
        assert got.quantile(0.5) in (-1.7e308, 1.7e308) or abs(got.quantile(0.5)) >= 3.4e38


def test_it_merges_with_itself():
    got = by_extend([(step, float(step)) for step in range(100)])
    got.merge(got)
    assert (got.stats.count, got.stats.mean, sum(one.finite for one in got.buckets)) == (
        200, pytest.approx(49.5), 200)  # fmt: skip


def test_counts_beyond_32_bits_add_up():
    got = by_extend([(step, 1.0) for step in range(100)])
    for _ in range(33):
        got.merge(got)
    assert got.stats.count == 100 * 2**33
    assert sum(one.finite for one in got.buckets) == 100 * 2**33
    again = Sketch.from_bytes(got.to_bytes())
    assert again == got
    assert again.quantile(0.5) == 1.0


def test_1024_buckets_take_less_than_90_kb():
    got = Sketch(1024)
    rng = random.Random(0)
    for step in range(1024 * 16 - 1):
        got.update(step, rng.gauss(0, 1))
    assert len(got._summary.grid) > 1000
    assert len(got._steps) > 250  # and nearly as many wait as ever do
    assert deep_size(got) < 90_000


def deep_size(thing):
    """Bytes of an object and all it owns."""
    if thing is None or isinstance(thing, type | array | int | float | str):
        return sys.getsizeof(thing)
    if isinstance(thing, list | tuple):
        return sys.getsizeof(thing) + sum(map(deep_size, thing))
    if isinstance(thing, dict):
        return sys.getsizeof(thing) + sum(deep_size([*pair]) for pair in thing.items())
    names = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return sys.getsizeof(thing) + sum(deep_size(getattr(thing, name)) for name in names)


def test_its_points_downsample_like_the_points_they_are(noisy_loss):
    got = Sketch(32_768)
    got.extend(range(len(noisy_loss)), noisy_loss)
    assert got.points(100) == downsample(range(len(noisy_loss)), noisy_loss, 100)


@pytest.mark.usefixtures("small_blocks")
def test_rising_blocks_and_scattered_points_mix():
    rng = random.Random(0)
    drawn = [(step, rng.random()) for step in range(300)]
    mixed = by_extend(drawn[::2])
    for step, value in rng.sample(drawn[1::2], 150):
        mixed.update(step, value)
    assert_same(mixed, by_extend(drawn))


@pytest.mark.parametrize("buckets", [7, 0, -1])
def test_fewer_than_eight_buckets_are_refused(buckets):
    with pytest.raises(ValueError, match=f"buckets must be at least 8, not {buckets}"):
        Sketch(buckets)


def test_bad_arguments_are_named():
    got = by_extend([(step, 1.0) for step in range(20)])
    with pytest.raises(ValueError, match="steps has 1 numbers and values has 2"):
        got.extend([1], [1.0, 2.0])
    with pytest.raises(ValueError, match="other keeps 64 buckets, not 8"):
        got.merge(Sketch(64))
    with pytest.raises(ValueError, match=r"q must be between 0 and 1, not 1\.5"):
        got.quantile(1.5)
    with pytest.raises(ValueError, match="last_step must be at least first_step 5, not 4"):
        got.window(5, 4)
    with pytest.raises(ValueError, match="n must be at least 2, not 1"):
        got.points(1)


@given(data=st.data())
def test_without_quantiles_it_knows_all_the_rest(points, data):
    drawn = data.draw(points)
    bare = Sketch(8, quantiles=False)
    bare.extend([step for step, _ in drawn], [value for _, value in drawn])
    again = Sketch.from_bytes(bare.to_bytes())
    whole = Sketch.from_bytes(by_extend(drawn).to_bytes())
    assert again == bare
    assert not again.quantiles
    assert list(map(plain, again.buckets)) == list(map(plain, whole.buckets))
    assert repr(again.stats) == repr(whole.stats)
    with pytest.raises(ValueError, match="quantiles=False"):
        again.quantile(0.5)


def test_sketches_with_and_without_quantiles_do_not_merge():
    with pytest.raises(ValueError, match="quantiles"):
        Sketch().merge(Sketch(quantiles=False))
