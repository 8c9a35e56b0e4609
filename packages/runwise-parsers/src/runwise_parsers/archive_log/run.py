"""A run whose history is a text of events.

A format says what the events in a block of lines are, and which of them are points of a metric.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from runwise_parsers.archive_log.point_run import Place, PointRun
from runwise_parsers.cursor import whole
from runwise_parsers.gap import Gap, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runwise_parsers.archive_log.points import Point
    from runwise_parsers.archive_log.text import Text
    from runwise_parsers.info import RunInfo

_NAMED = 3


class EventRun(PointRun):
    """Answers from the events of a text."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info)
        self._text, self._missing = self.locate()
        self._losses: tuple[Gap, ...] = ()
        self._cut: tuple[Gap, ...] = ()
        self._wordy: dict[str, int] = {}

    @abstractmethod
    def locate(self) -> tuple[Text | None, tuple[Gap, ...]]:
        """Return the events' text as it is now, and what is missing of it."""

    @abstractmethod
    def events(self, data: bytes) -> tuple[list[Mapping[str, object]], int, int]:
        """Return the events in whole lines, how many could not be read, and the bytes used.

        The bytes that are not used are a last line whose end is not there yet.
        """

    @abstractmethod
    def point(self, event: Mapping[str, object]) -> tuple[Point | None, str]:
        """Return an event as a point of a metric, or the name of one it has no number for."""

    def damage(self) -> tuple[Gap, ...]:
        """Return what else is missing, after a pass over all events."""
        return ()

    def refresh(self) -> None:
        """Look for the text anew."""
        self._text, self._missing = self.locate()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        return tuple(dict.fromkeys((*self._info.gaps, *self._missing, *self._losses, *self._cut)))

    def pieces(self, start: Place | None) -> Iterator[tuple[Iterable[Point], Place]]:
        """Yield the points of one block of lines after the other."""
        self._wordy = {}
        for events, end in self._blocks(0 if start is None else whole(start, "at")):
            yield self._points(events), {"at": end, "print": self._mark(end)}

    def is_same(self, place: Place) -> bool:
        """Say whether the text before a place is what it was."""
        return self._mark(whole(place, "at")) == place.get("print")

    def goes_on(self, place: Place) -> bool:
        """Say whether the text grows, and the place holds what is needed to go on."""
        return "last" in place and self._text is not None and self._text.grows

    def all_events(self) -> Iterator[Mapping[str, object]]:
        """Yield every event that can be read, and note what cannot."""
        for events, _ in self._blocks():
            yield from events

    def _points(self, events: Iterable[Mapping[str, object]]) -> Iterator[Point]:
        for event in events:
            point, name = self.point(event)
            if point is not None:
                yield point
            elif name:
                self._wordy[name] = self._wordy.get(name, 0) + 1

    def _blocks(self, start: int = 0) -> Iterator[tuple[list[Mapping[str, object]], int]]:
        """Yield events and the offset behind them; what is lost is known at the end."""
        if self._text is None:
            return
        lost, torn = 0, False
        try:
            for data, end in self._text.blocks(start):
                events, bad, used = self.events(data)
                lost, torn = lost + bad, used < len(data)
                yield events, end - len(data) + used if torn else end
        except OSError as error:  # it was there a moment ago
            self._losses = (unreadable(self._text.name, error),)
            return
        self._cut = self._torn(self._text) if torn else ()
        found = (*self._lost(self._text, lost), *self._wordless())
        known = self._losses if start else ()
        self._losses = tuple(dict.fromkeys((*known, *found, *self.damage())))

    def _lost(self, text: Text, lost: int) -> Iterator[Gap]:
        if text.gap is not None:
            yield text.gap
        if lost:
            what = f"{lost} event{'s' if lost > 1 else ''} of {text.name}"
            yield Gap(what, "no JSON that can be read", "All others were read.")

    def _torn(self, text: Text) -> tuple[Gap, ...]:
        if text.gap is not None or self._info.state == "running":
            return ()
        return (Gap(f"the end of {text.name}", "it is cut short", "What stands before was read."),)

    def _wordless(self) -> Iterator[Gap]:
        if self._wordy:
            more, count = len(self._wordy) - _NAMED, sum(self._wordy.values())
            where = ", ".join([*self._wordy][:_NAMED]) + (f" and {more} more" if more > 0 else "")
            what = f"{count} point{'s' if count > 1 else ''} of {where}"
            yield Gap(what, "there is no number", "All other points were read.")

    def _mark(self, at: int) -> int:
        if self._text is None:
            return 0 if not at else -1
        try:
            return self._text.mark(at)
        except OSError:  # it was there a moment ago
            return -1
