"""One event file: a pass over it in pieces, its beginning and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING

from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.tensorboard_log.clocks import first_clock, last_clock
from runwise_parsers.tensorboard_log.falls import Falls
from runwise_parsers.tensorboard_log.forms import Forms
from runwise_parsers.tensorboard_log.found import every
from runwise_parsers.tensorboard_log.pieces import Piece, Start
from runwise_parsers.tensorboard_log.points import between
from runwise_parsers.tensorboard_log.windows import WINDOW, Losses, Window, windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BEGINNING, _GLANCE, _ENDING = 1 << 18, 1 << 14, 1 << 16
_PEEK = 1 << 10
_LONGEST = 1 << 26
"""Bytes of graphs and media beyond which no scalars are looked for near either end."""
_STAMP = re.compile(r"tfevents\.(\d{9,11})(?=\.|$)")
Wanted = Callable[[str], bool]


@dataclass(slots=True)
class EventFile:
    """A file of events; it may still grow while it is read.

    ``losses`` are those since the last pass from its beginning on.
    """

    path: Path
    losses: Losses = field(default_factory=Losses)
    _forms: Forms = field(default_factory=Forms, repr=False)
    _starts: dict[bool, tuple[int, Start]] = field(
        default_factory=dict[bool, "tuple[int, Start]"], repr=False
    )

    @property
    def stamp(self) -> int:
        """The Unix seconds in its name, 0 where there are none."""
        found = _STAMP.search(self.path.name)
        return int(found[1]) if found else 0

    def trouble(self) -> Gap | None:
        """Return why the file cannot be read at all, ``None`` if it can."""
        try:
            with self.path.open("rb") as file:
                pointer = file.read(len(LFS_POINTER)) == LFS_POINTER
        except OSError as error:
            return unreadable(self.path.name, error)
        return lfs_pointer(self.path.name) if pointer else None

    def first_clock(self) -> float | None:
        """Return the clock of the first record, Unix seconds."""
        for window in self._windows(0, _PEEK, Losses()):
            return first_clock(window)
        return None

    def size(self) -> int:
        """Return the bytes on disk now, 0 if it is gone."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def bytes_at(self, *spans: tuple[int, int]) -> Iterator[bytes]:
        """Yield the bytes between two offsets each, fewer where the file has them no more."""
        try:
            with self.path.open("rb", buffering=0) as file:
                for begin, end in spans:
                    file.seek(begin)
                    yield file.read(end - begin)
        except OSError:
            yield b"?"

    def pieces(
        self, wanted: Wanted = every, offset: int = 0, step: int = WINDOW
    ) -> Iterator[Piece]:
        """Yield the records from the beginning of one on, cut where a step falls.

        About ``step`` bytes are read at a time.
        """
        if offset == 0:
            self.losses = Losses()
        falls = Falls()
        if offset:
            before = max(0, offset - _ENDING)
            for window in islice(self._windows(before, offset - before, Losses()), 1):
                falls.cuts(self._forms.read(window.data, window.places, wanted).points())
        for window in self._windows(offset, step, self.losses, synced=True):
            yield from self._cut(window, wanted, falls, self.losses)

    def pieces_from(self, offset: int, wanted: Wanted = every) -> Iterator[Piece]:
        """Yield the records behind an offset; what is damaged among them is counted nowhere."""
        losses, falls = Losses(), Falls()
        for window in self._windows(offset, WINDOW, losses):
            yield from self._cut(window, wanted, falls, losses)

    def stretch(self, begin: int, end: int) -> list[Piece]:
        """Return the whole records between two offsets; none has to begin at the first."""
        if end <= begin:
            return []
        found = islice(self._windows(begin, end - begin, Losses()), 1)
        cuts = (self._cut(window, every, Falls(), Losses()) for window in found)
        return list(chain.from_iterable(cuts))

    def start(self, *, quick: bool = False) -> Start:
        """Return how the file begins: up to its first scalars, and some way on.

        ``quick`` goes less far, so that rare tags may be missing.
        """
        size = self.size()
        known = self._starts.get(quick)
        if known is None or known[0] != size:
            known = self._starts[quick] = size, self._start(_GLANCE if quick else _BEGINNING)
        return known[1]

    def _start(self, step: int) -> Start:
        start = Start()
        for window in self._windows(0, step, Losses()):
            enough = bool(start.steps) or window.end > _LONGEST
            start.take(self._cut(window, every, Falls(), Losses()))
            if enough:
                break
        return start

    def last(self, *, quick: bool = False) -> list[Piece]:
        """Return the last records, scalars among them if there are any near the end."""
        total, size = self.size(), _GLANCE if quick else _ENDING
        while True:
            found = self.stretch(max(0, total - size), total)
            if any(piece.points for piece in found) or size >= min(total, _LONGEST):
                return found
            size *= 4

    def _windows(
        self, offset: int, step: int, losses: Losses, *, synced: bool = False
    ) -> Iterator[Window]:
        """Yield the records behind an offset; an error of the system ends them, and is noted."""
        try:
            with self.path.open("rb", buffering=0) as file:
                yield from windows(file, offset, losses, synced=synced or not offset, step=step)
        except OSError as error:
            losses.failed = (error.strerror or "it cannot be read").lower()

    def _cut(
        self, window: Window, wanted: Wanted, falls: Falls, losses: Losses
    ) -> Iterator[Piece]:
        """Yield the pieces of a window: one, unless a step falls in it."""
        found = self._forms.read(window.data, window.places, wanted)
        losses.broken += found.broken
        points = found.points()
        clock = last_clock(window, points)
        cuts = falls.cuts(points)
        if not cuts:
            events = [event for _, event in found.events]
            yield Piece(points, events, window.base, window.end, clock=clock)
            return
        begins = cuts if cuts[0] == 0 else [0, *cuts]
        for first, last_ in pairwise([*begins, len(window.data) + 1]):
            events = [event for place, event in found.events if first <= place < last_]
            end = min(window.end, window.base + last_)
            part = between(points, first, last_)
            yield Piece(part, events, window.base, end, first in cuts, clock)
