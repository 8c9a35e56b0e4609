"""How well the mean of a stretch of a curve is known, when neighbours resemble one another.

Of ``n`` values with autocovariances ``C(k)`` (each divided by ``n``),

    error**2 = C(0) / n * time,    time = 1 + 2 * (C(1) + ... + C(m)) / C(0)

where ``time`` is the integrated autocorrelation time and ``m`` the smallest lag that is at
least ``5 * time``: Sokal's window ("Monte Carlo Methods in Statistical Mechanics", 1996,
section 3), which keeps the noise of long lags out. For values without any memory ``time`` is
near 1 and this is the textbook error; it is never taken below 1, since a short curve seems to
alternate more often than one does. Long curves are averaged in equal blocks first, down to
``MOST`` of them, which changes neither the mean nor its error (Flyvbjerg and Petersen, J. Chem.
Phys. 91, 1989). A curve that remembers more than a tenth of its length has an error too large
to be estimated from it: the result is then a lower bound.
"""

from __future__ import annotations

import math
from itertools import islice
from operator import mul

from runwise_sampling.columns import Numbers, finite

WINDOW = 5
MOST = 4096


def standard_error(values: Numbers) -> float:
    """Return the standard error of the mean of the finite values, in their unit.

    NaN with fewer than two of them; 0 for a constant.

    >>> round(standard_error([1.0, 2.0] * 50), 3)
    0.05
    >>> round(standard_error([1.0] * 50 + [2.0] * 50), 3)
    0.178
    """
    numbers = finite(values)
    blocks = _blocked(numbers)
    count = len(blocks)
    if count < 2:
        return math.nan
    center = math.fsum(blocks) / count
    apart = [value - center for value in blocks]
    variance = math.fsum(map(mul, apart, apart)) / count
    if min(blocks) == max(blocks) or not variance:
        return 0.0
    return math.sqrt(variance / (count - 1) * _time(apart, variance))


def _time(apart: list[float], variance: float) -> float:
    count, time = len(apart), 1.0
    for lag in range(1, count):
        if lag > WINDOW * time:
            break
        covariance = math.fsum(map(mul, apart, islice(apart, lag, None))) / count
        time += 2 * covariance / variance
    return max(time, 1.0)


def _blocked(values: Numbers) -> Numbers:
    size = math.ceil(len(values) / MOST)
    if size <= 1:
        return values
    starts = range(0, len(values) - size + 1, size)
    return [math.fsum(values[start : start + size]) / size for start in starts]
