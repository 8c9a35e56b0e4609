"""Windows of whole rows of a table: as windows of whole lines, but no cell is cut in two.

A text in quotes may hold line ends, so a window that ends inside quotes is held back until they
close. Where no column holds texts, an open quote is a damaged byte, and nothing waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.lines import windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_TEXT = 1 << 20
"""Bytes held back for an open quote, before it is taken for one that never closes."""


@dataclass(frozen=True, slots=True)
class Window:
    """Bytes of rows and the offset behind them; ``whole`` unless the file ends inside a row."""

    data: bytes
    end: int
    whole: bool = True


def records(path: Path, offset: int, *, texts: bool) -> Iterator[Window]:
    """Yield windows of rows from a row's start on.

    What lacks its end is yielded last, by itself: a line, or all lines behind an open quote.
    """
    held = b""
    end = offset
    for data, end in windows(path, offset):
        held += data
        lines = held.rfind(b"\n") + 1
        cut = _open_since(held, lines) if texts and held.count(b'"', 0, lines) % 2 else lines
        if lines - cut > LONGEST_TEXT:
            cut = lines
        if cut:
            yield Window(held[:cut], end - len(held) + cut)
            held = held[cut:]
    if held:
        yield Window(held, end, whole=False)


def _open_since(data: bytes, end: int) -> int:
    """Return where the line begins in which the last quote stands that is open at ``end``."""
    while end > 0:
        begin = data.rfind(b"\n", 0, end - 1) + 1
        if data.count(b'"', begin, end) % 2:
            return begin
        end = begin
    return 0
