"""What was found in some records: points by tag, events with anything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.events import SCALAR
from runwise_parsers.tensorboard_log.points import Points, joined

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from runwise_parsers.tensorboard_log.events import Event


def every(tag: str) -> bool:
    """Want each tag."""
    del tag
    return True


@dataclass(slots=True)
class Found:
    """Collects what records hold, in any order.

    ``events`` are those that are not scalars alone, with their places. ``broken`` counts records
    whose checksum is wrong, or that are no events. ``steps`` keeps columns of steps by their
    bytes, so that tags which were logged together share them.
    """

    data: bytes
    wanted: Callable[[str], bool] = every
    events: list[tuple[int, Event]] = field(default_factory=list[tuple[int, "Event"]])
    broken: int = 0
    steps: dict[tuple[int, bytes], array[float]] = field(
        default_factory=dict[tuple[int, bytes], "array[float]"]
    )
    _pieces: dict[str, list[Points]] = field(default_factory=dict[str, list[Points]])
    _single: dict[str, Points] = field(default_factory=dict[str, Points])

    def put(self, tag: str, points: Points) -> None:
        """Add points of a tag, if it is wanted."""
        if self.wanted(tag):
            self._pieces.setdefault(tag, []).append(points)

    def add(self, place: int, event: Event) -> None:
        """Add the event of a record that was read by itself."""
        for tag, number in event.scalars:
            if self.wanted(tag):
                points = self._single.setdefault(tag, Points())
                points.places.append(place)
                points.steps.append(event.step)
                points.times.append(event.wall)
                points.values.append(number.value)
        if not event.values or any(one.kind != SCALAR for one in event.values):
            self.events.append((place, event))

    def points(self) -> dict[str, Points]:
        """Return the points, tags in the order in which they were met."""
        for tag, points in self._single.items():
            order = sorted(range(len(points)), key=points.places.__getitem__)
            self._pieces.setdefault(tag, []).append(points.picked(order))
        self._single.clear()
        shared: dict[tuple[int, ...], array[float]] = {}
        whole = [(tag, joined(pieces, shared)) for tag, pieces in self._pieces.items()]
        return dict(sorted(whole, key=lambda pair: pair[1].places[0]))
