"""Curves as columns: steps, values and, where the tracker kept a clock, times."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _column() -> array[float]:
    return array("d")


@dataclass(frozen=True, slots=True)
class Series:
    """One metric's curve.

    ``steps``, ``values`` and ``times`` (Unix seconds) are parallel ``array('d')`` columns in the
    order of the log. A step at which the metric was not logged is an absent point, never a NaN;
    a NaN in ``values`` is what the run logged. Columns may be shared between series: do not
    change them in place.

    >>> Series("loss", array("d", [0, 1]), array("d", [2.5, 2.25])).last
    2.25
    """

    name: str
    steps: array[float] = field(default_factory=_column)
    values: array[float] = field(default_factory=_column)
    times: array[float] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def last(self) -> float | None:
        """The newest value, ``None`` where the metric was never logged."""
        return self.values[-1] if self.values else None


@dataclass(frozen=True, slots=True)
class Batch:
    """A bounded piece of a run, as columns.

    ``segment`` counts the stretches in which steps only rise; a restart opens the next one.
    ``cursor`` is where reading would go on after this batch (see ``Run.since``).
    ``restart`` says: forget what you had, the log was replaced.
    """

    columns: Mapping[str, Series]
    segment: int
    cursor: str
    restart: bool = False
