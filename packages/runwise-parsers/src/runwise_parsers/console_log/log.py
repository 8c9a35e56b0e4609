"""One text log as a run's history: recognised on its ends, then read in pieces."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.axes import Axes
from runwise_parsers.console_log.kind import VARYING
from runwise_parsers.console_log.places import ConsolePosition
from runwise_parsers.console_log.reader import CLOCK, STEP, ConsoleReader
from runwise_parsers.console_log.sample import SAMPLE, Sampled, plain, sampled
from runwise_parsers.console_log.view import View, beginning, windows
from runwise_parsers.info import FRESH_SECONDS
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.piece import Piece, Place, pieces_of
from runwise_parsers.lines import last_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runwise_parsers.json_log.rows import Row
    from runwise_parsers.json_log.steps import Position

_LAST_NUMBER = re.compile(rb"([-+]?\d+\.?(\d*)(?:[eE][-+]?\d+)?)([^\d]*)$")
_ALIKE = 2


class ConsoleLog(JsonLog):
    """A text log; it may still grow while it is read."""

    plain = False

    def __init__(self, view: View) -> None:
        super().__init__(view)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  it opens as a path does
        self.view = view
        self._sampled: Sampled | None = None

    @property
    def sampled(self) -> Sampled:
        """What a sample said of the log: its template, its axis, whose lines are read."""
        if self._sampled is None:
            size = self.size()
            head = beginning(self.view, SAMPLE)
            tail = last_lines(self.path, min(SAMPLE, size - SAMPLE)) if size > SAMPLE else b""
            self._sampled = sampled(head[: head.rfind(b"\n") + 1] or head, tail)
        return self._sampled

    @property
    def axes(self) -> Axes:
        """The keys of step and time in rows; no step where it takes a pass to know it."""
        order = self.sampled.order
        stands = order.by and not order.remembers
        return Axes(STEP if stands else "", CLOCK)

    @property
    def template(self) -> str:
        """The name of the template, empty where none was recognised."""
        return self.sampled.template.name if self.sampled.template else ""

    def identity(self) -> list[object]:
        """Return what rows and their steps depend on."""
        order, ranks = self.sampled.order, self.sampled.ranks
        lead = None if ranks.lead is None else ranks.lead.decode()
        return [self.template, order.by, order.remembers, order.base, order.each, lead]

    @property
    def beginning(self) -> ConsolePosition:
        """What is remembered at the first line: nothing."""
        return ConsolePosition()

    def reader(self, names: Collection[str] | None = None) -> ConsoleReader:
        """Return what makes tables of lines."""
        return ConsoleReader(self.sampled, names)

    def rows(self, data: bytes) -> tuple[list[Row], int]:
        """Return the rows in lines; no line is ever wrong."""
        return list(self.reader().rows(self._whole(data))), 0

    def head(self) -> list[Row]:
        """Return the first rows."""
        return self.rows(beginning(self.view, SAMPLE))[0]

    def pieces(
        self, names: Collection[str] | None, position: Position, offset: int = 0
    ) -> Iterator[Piece]:
        """Yield the rows from a line's start on; rows ``position`` says are done are left out."""
        self.torn = False
        if self.sampled.template is None:
            return
        reader, position = self.reader(names), replace(position)
        for data, reach in windows(self.view, offset, blocks=self.sampled.template.blocks):
            before = Place(replace(position), offset, reach)
            if not data.endswith(b"\n") and not self._is_whole(data):
                self.torn = bool(data.strip())
                return
            table = reader.table(data, position)
            yield from pieces_of(table, before, position)
            position.done = 0
            offset = reach

    def between(self, names: Collection[str] | None, begin: int, end: int) -> Iterator[Piece]:
        """Yield the rows from the line that starts at ``begin`` on, at least up to ``end``."""
        for piece in self.pieces(names, ConsolePosition(), begin):
            if piece.before.offset >= end:
                return
            yield piece

    def _whole(self, data: bytes) -> bytes:
        """Return lines without the last one, if its writer is still at it."""
        if data.endswith(b"\n"):
            return data
        cut = data.rfind(b"\n") + 1
        return data if self._is_whole(data[cut:]) else data[:cut]

    def _is_whole(self, line: bytes) -> bool:
        """Say whether a last line without its end is all there.

        It is where nobody has written for a while, or where it is as those before it and they
        end in a word, or in a number with as many decimals.
        """
        if self.sampled.template is None or self.sampled.template.blocks:
            return False
        if time.time() - self.view.stat().st_mtime > FRESH_SECONDS:
            return True
        line = plain(line)
        skeleton, ending = line.translate(None, VARYING), _ending(line)
        before = plain(last_lines(self.path, SAMPLE)).split(b"\n")[:-1]
        alike = [one for one in before if one.translate(None, VARYING) == skeleton]
        return (
            ending is not None
            and len(alike) >= _ALIKE
            and all(_ending(one) == ending for one in alike)
        )


def _ending(line: bytes) -> tuple[int, bytes] | None:
    """Return how many decimals a line's last number has, and what stands behind it.

    ``None`` where a number that is cut short would look the same.
    """
    match = _LAST_NUMBER.search(line.rstrip())
    if match is None or not (match[2] or match[3].strip()):
        return None
    return len(match[2]), match[3].strip()
