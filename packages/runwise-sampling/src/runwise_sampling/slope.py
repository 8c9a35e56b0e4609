"""The slope of a curve that one spike cannot turn: Theil-Sen, per 1,000 steps.

The median of the slopes between all pairs of points (Theil 1950; Sen 1968). Up to ``EXACT``
points it is that. Of more, ``PAIRS`` pairs are drawn at random, from a seed, so the time is
that of reading the curve. The median of the sample is then a quantile of all slopes whose rank
is 50 % with a standard error of 0.5 / sqrt(PAIRS), a quarter of a percentage point.
"""

from __future__ import annotations

import math
import random
from itertools import combinations
from statistics import median

from runwise_sampling.columns import Numbers, finite_points

EXACT = 300
PAIRS = 40_000


def slope(steps: Numbers, values: Numbers, *, per: float = 1000, seed: int = 0) -> float:
    """Return the Theil-Sen slope: the change of the value per 1,000 steps.

    >>> slope(range(0, 500, 100), [5.0, 4.0, 99.0, 2.0, 1.0])
    -10.0

    Args:
        steps: in any order; pairs of one step have no slope and are left out.
        values: as many as steps; NaN and infinities are left out.
        per: how many steps the change is for.
        seed: of the draw of pairs. The same seed gives the same slope.

    Returns:
        NaN where fewer than two steps have a finite value.

    Raises:
        ValueError: the columns differ in length, or ``per`` is not above 0.
    """
    if not per > 0:
        raise ValueError(f"per must be above 0, not {per}")
    xs, ys = finite_points(steps, values)
    slopes = _slopes(xs, ys, _pairs(len(xs), seed))
    if not slopes and len(set(xs)) > 1:  # steps that nearly all coincide
        slopes = _slopes(xs, ys, [(xs.index(min(xs)), xs.index(max(xs)))])
    return median(slopes) * per if slopes else math.nan


def _pairs(count: int, seed: int) -> list[tuple[int, int]]:
    if count <= EXACT:
        return list(combinations(range(count), 2))
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    places = rng.choices(range(count), k=2 * PAIRS)
    return list(zip(places[::2], places[1::2], strict=True))


def _slopes(xs: Numbers, ys: Numbers, pairs: list[tuple[int, int]]) -> list[float]:
    return [(ys[b] - ys[a]) / (xs[b] - xs[a]) for a, b in pairs if xs[a] != xs[b]]
