"""How fast a loss falls, and whether it falls in a straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_detect.robust import mann_kendall
from runwise_detect.trend import pooled

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Pace:
    """What was made of the levels of a loss.

    Attributes:
        fall: how far it has fallen, as a share of where it began.
        is_sure: whether it falls beyond doubt (Mann-Kendall z below -3).
        is_straight: whether it falls in the second half at least half as fast as in the first.
    """

    fall: float
    is_sure: bool
    is_straight: bool


def pace(levels: Sequence[float]) -> Pace:
    """Judge the levels of a loss from its beginning on; at least eight are needed.

    >>> pace([1.0 - 0.001 * step for step in range(100)])
    Pace(fall=0.088..., is_sure=True, is_straight=True)
    """
    values = pooled(levels, 32)
    part = max(1, len(values) // 8)
    middle = len(values) // 2
    first, half, last = (
        sum(values[at : at + part]) / part for at in (0, middle - part // 2, len(values) - part)
    )
    is_straight = first - half > 0 and half - last > 0.5 * (first - half)
    fall = (first - last) / abs(first) if first else 0.0
    return Pace(fall, mann_kendall(values) < -3, is_straight)
