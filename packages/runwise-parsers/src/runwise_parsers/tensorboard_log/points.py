"""Points of one tag, in the order of the file, each with the place of its record."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def _column() -> array[float]:
    return array("d")


@dataclass(slots=True)
class Points:
    """Columns of one tag. ``places`` are the offsets of records in the bytes they came from.

    Columns may be shared between tags: they are not changed in place.
    """

    places: list[int] = field(default_factory=list[int])
    steps: array[float] = field(default_factory=_column)
    times: array[float] = field(default_factory=_column)
    values: array[float] = field(default_factory=_column)

    def __len__(self) -> int:
        return len(self.places)

    def extend(self, other: Points) -> None:
        """Add points behind these, whose columns are their own."""
        self.places.extend(other.places)
        self.steps.extend(other.steps)
        self.times.extend(other.times)
        self.values.extend(other.values)

    def part(self, begin: int, end: int) -> Points:
        """Return the points from one number to another."""
        if begin == 0 and end >= len(self.places):
            return self
        return Points(
            self.places[begin:end],
            self.steps[begin:end],
            self.times[begin:end],
            self.values[begin:end],
        )

    def between(self, first: int, last: int) -> Points:
        """Return the points whose records begin at ``first`` or later, and before ``last``."""
        return self.part(bisect_left(self.places, first), bisect_left(self.places, last))

    def picked(self, rows: Sequence[int]) -> Points:
        """Return the points with these numbers."""
        columns = (self.steps, self.times, self.values)
        return Points(
            [self.places[row] for row in rows],
            *(array("d", [column[row] for row in rows]) for column in columns),
        )


def joined(pieces: Sequence[Points], shared: dict[tuple[int, ...], array[float]]) -> Points:
    """Return all points of one tag, in the order of the file; steps stay ``shared``."""
    if len(pieces) == 1:
        return pieces[0]
    ordered = sorted(pieces, key=lambda piece: piece.places[0])
    whole = Points()
    for one in ordered:
        whole.extend(one)
    order = sorted(range(len(whole)), key=whole.places.__getitem__)
    if order != list(range(len(whole))):
        return whole.picked(order)
    whole.steps = shared.setdefault(tuple(id(one.steps) for one in ordered), whole.steps)
    return whole


def between(points: dict[str, Points], first: int, last: int) -> dict[str, Points]:
    """Return the points of all tags whose records lie between two places, empty ones left out."""
    parts = {tag: one.between(first, last) for tag, one in points.items()}
    return {tag: one for tag, one in parts.items() if len(one)}
