"""Where steps fall inside a file: its segments.

Each tag has steps of its own: a log may count iterations, epochs, samples and seconds in turn,
and its steps rise and fall from record to record without meaning anything. A segment ends where
a tag is logged at a lower step than it was before in that segment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping

    from runwise_parsers.tensorboard_log.points import Points

_BEFORE = -1
"""The place of what was read before these records."""


class Falls:
    """Remembers the newest step of every tag in the current segment."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def cuts(self, points: Mapping[str, Points]) -> list[int]:
        """Return the places at which a new segment begins, and remember where steps are now."""
        fallen = self._fallen(points)
        cut = _BEFORE
        cuts: list[int] = []
        for before, place in sorted(fallen, key=lambda pair: pair[1]):
            if before >= cut:  # else the point before it is in an earlier segment
                cuts.append(place)
                cut = place
        if cuts:
            self._last.clear()
        for tag, one in points.items():
            if one.places[-1] >= cut:
                self._last[tag] = one.steps[-1]
        return cuts

    def _fallen(self, points: Mapping[str, Points]) -> list[tuple[int, int]]:
        """Return the places of a point and of the next of its tag, where that is lower."""
        rising: dict[int, bool] = {}
        fallen: list[tuple[int, int]] = []
        for tag, one in points.items():
            steps, places = one.steps, one.places
            last = self._last.get(tag)
            if last is not None and steps[0] < last:
                fallen.append((_BEFORE, places[0]))
            if id(steps) not in rising:
                rising[id(steps)] = _rises(steps)
            if not rising[id(steps)]:
                fallen += [
                    (places[at - 1], places[at])
                    for at in range(1, len(steps))
                    if steps[at] < steps[at - 1]
                ]
        return fallen


def _rises(steps: array[float]) -> bool:
    listed = steps.tolist()
    return listed == sorted(listed)
