"""What every method of downsampling must hold: a suite for those who write one.

    import pytest
    from runwise_sampling.testing import METHOD_CHECKS

    @pytest.mark.parametrize("check", METHOD_CHECKS)
    def test_my_method(check):
        check(my_pick)

A check takes the method's name, or its function, and raises ``AssertionError`` with the
curve and the number of points that show the fault. Needs nothing beyond this package.
"""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from runwise_sampling.curve import Curve
from runwise_sampling.downsample import Pick, downsample, picker

if TYPE_CHECKING:
    from runwise_sampling.columns import Numbers

MethodCheck = Callable[["str | Pick"], None]

COUNTS = (2, 3, 7, 8, 9, 50, 199)


def curves() -> Iterator[tuple[str, Numbers, Numbers]]:
    """Yield named curves that methods are known to stumble over: name, steps, values."""
    rng = random.Random(0)  # noqa: S311 - test data, and the same every time
    noise = [rng.gauss(0, 1) for _ in range(300)]
    steps = range(300)
    yield "noise", steps, noise
    yield "decay", array("q", steps), array("d", [2 / (1 + step) for step in steps])
    yield "constant", steps, [0.1] * 300
    yield "rare", range(0, 150_000, 500), noise
    yield "spike", steps, [*noise[:150], 1e6, *noise[151:]]
    yield "one NaN", steps, [*noise[:77], math.nan, *noise[78:]]
    yield "ends in NaN", steps, [*noise[:200], *[math.nan] * 100]
    yield "only NaN", steps, [math.nan] * 300
    yield "every kind", steps, [math.inf, math.nan, -math.inf, *noise[3:298], math.nan, math.inf]
    yield "huge", steps, [value * 1e308 for value in noise]
    yield "repeated steps", [step // 3 for step in steps], noise
    yield "short", range(5), noise[:5]
    yield "one point", [7], [1.5]
    yield "empty", [], []


def picks_rising_positions(method: str | Pick) -> None:
    """The method itself returns rising positions of the curve, no more than asked for."""
    for name, steps, values in curves():
        for count in COUNTS:
            if count >= len(values):
                continue
            picked = picker(method)(Curve(steps, values), count)
            told = f"{name}, {count} points: {picked}"
            assert picked == sorted(set(picked)), f"positions do not rise: {told}"
            assert len(picked) <= count, f"too many positions: {told}"
            assert all(0 <= at < len(values) for at in picked), f"outside the curve: {told}"


def returns_exactly_as_many_points(method: str | Pick) -> None:
    """As many points as asked for, or all there are."""
    for name, steps, values in curves():
        for count in COUNTS:
            got = len(downsample(steps, values, count, method=method)[1])
            assert got == min(count, len(values)), f"{name}: {got} points, not {count}"


def returns_points_of_the_data_in_order(method: str | Pick) -> None:
    """Every point returned was logged, and none overtakes another."""
    for name, steps, values in curves():
        for count in COUNTS:
            logged = zip(steps, map(repr, values), strict=True)
            for step, value in _points(steps, values, count, method):
                assert (step, value) in logged, f"{name}, {count}: {value} at {step} was not next"


def keeps_what_must_not_be_lost(method: str | Pick) -> None:
    """First, last, lowest, highest, first NaN, +Inf and -Inf are there from 8 points on."""
    for name, steps, values in curves():
        for count in (count for count in COUNTS if count >= 8):
            kept = set(_points(steps, values, count, method))
            for at in Curve(steps, values).landmarks():
                point = (steps[at], repr(values[at]))
                assert point in kept, f"{name}, {count} points: lost {point}"


def is_deterministic(method: str | Pick) -> None:
    """The same data give the same points."""
    for name, steps, values in curves():
        once, again = (_points(steps, values, 50, method) for _ in range(2))
        assert once == again, f"{name}: two calls differ"


METHOD_CHECKS: tuple[MethodCheck, ...] = (
    picks_rising_positions,
    returns_exactly_as_many_points,
    returns_points_of_the_data_in_order,
    keeps_what_must_not_be_lost,
    is_deterministic,
)


def _points(
    steps: Numbers, values: Numbers, count: int, method: str | Pick
) -> list[tuple[float, str]]:
    """Return the points as comparable pairs: NaN equals nothing, its ``repr`` does."""
    kept_steps, kept = downsample(steps, values, count, method=method)
    return list(zip(kept_steps, map(repr, kept), strict=True))
