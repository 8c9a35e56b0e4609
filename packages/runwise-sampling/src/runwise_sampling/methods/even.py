"""Every so many points one: what a plain slice with a stride would show, ends included."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runwise_sampling.curve import Curve


def pick(curve: Curve, count: int) -> list[int]:
    """Return ``count`` positions, evenly spread over the points."""
    return [at * (len(curve) - 1) // (count - 1) for at in range(count)]
