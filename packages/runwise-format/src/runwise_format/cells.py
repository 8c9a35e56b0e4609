"""What stands in one place of a table: a scalar, a trend, or a value with its step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Trend:
    """The shape of a curve, oldest value first; NaN and infinities are part of the shape.

    ``direction`` is the verdict of whoever knows the curve: ``up``, ``down``, ``flat``,
    ``noisy``, or empty where nobody judged.
    """

    values: tuple[float, ...]
    direction: str = ""


@dataclass(frozen=True, slots=True)
class At:
    """A value and the step it belongs to, such as the best loss and where it was."""

    value: float | None
    step: float | None


Scalar: TypeAlias = str | int | float | bool | None
Cell: TypeAlias = Scalar | Trend | At
