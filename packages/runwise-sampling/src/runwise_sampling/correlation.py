"""How two curves move together, on the steps that both have."""

from __future__ import annotations

import math
from array import array
from itertools import islice
from operator import lt
from typing import NamedTuple

from runwise_sampling.columns import Numbers, finite_points


class Correlation(NamedTuple):
    """Pearson's coefficient, from -1 to 1, and the number of steps it rests on."""

    r: float
    common: int


def correlation(
    steps: Numbers, values: Numbers, other_steps: Numbers, other_values: Numbers
) -> Correlation:
    """Return how the curves are correlated on their common steps.

    Values that are not finite are left out; where a step repeats, its last value counts. ``r``
    is NaN with fewer than two common steps, or where a curve is constant on them.

    >>> correlation([0, 1, 2, 3], [1.0, 2.0, 3.0, 9.0], [0, 1, 2], [6.0, 4.0, 2.0])
    Correlation(r=-1.0, common=3)

    Raises:
        ValueError: steps and values, or other_steps and other_values, differ in length.
    """
    if len(other_steps) != len(other_values):
        counts = f"{len(other_steps)} numbers and other_values has {len(other_values)}"
        raise ValueError(f"other_steps has {counts}")
    ones, twos = _in_common(
        *finite_points(steps, values), *finite_points(other_steps, other_values)
    )
    if len(ones) < 2:
        return Correlation(math.nan, len(ones))
    return Correlation(_cosine(_directions(ones), _directions(twos)), len(ones))


def _in_common(
    steps: Numbers, values: Numbers, other_steps: Numbers, other_values: Numbers
) -> tuple[Numbers, Numbers]:
    """Return the values of both curves on the steps that both have."""
    if steps == other_steps and all(map(lt, steps, islice(steps, 1, None))):
        return values, other_values
    known = dict(zip(steps, values, strict=True))
    other = {
        step: value for step, value in zip(other_steps, other_values, strict=True) if step in known
    }
    return [known[step] for step in other], list(other.values())


def _directions(values: Numbers) -> Numbers:
    """Return the deviations from the mean, scaled so that no square over- or underflows."""
    size = max(map(abs, values)) or 1.0
    shares = array("d", (value / size for value in values))
    center = math.fsum(shares) / len(shares)
    apart = array("d", (share - center for share in shares))
    reach = max(map(abs, apart))
    if min(values) == max(values) or not reach:
        return []
    return array("d", (distance / reach for distance in apart))


def _cosine(ones: Numbers, twos: Numbers) -> float:
    if not ones or not twos:
        return math.nan
    product = math.fsum(one * two for one, two in zip(ones, twos, strict=True))
    return min(max(product / math.hypot(*ones) / math.hypot(*twos), -1.0), 1.0)
