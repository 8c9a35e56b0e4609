"""Line text up for people: cells as wide as they look, tables as wide as the page."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NARROWEST = 12  # a column of words is not squeezed further
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def width_of(text: str) -> int:
    """Return how many terminal cells ``text`` takes: wide characters two, accents none."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    return sum(_cells(character) for character in _COLOURS.sub("", text))


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return ``text`` filled with spaces to ``width``; ``right`` puts it at the right end."""
    space = " " * (width - width_of(text))
    return space + text if right else text + space


def squeeze(text: str, width: int, ellipsis: str) -> str:
    """Return ``text`` cut in the middle to at most ``width`` terminal cells."""
    if width_of(text) <= width:
        return text
    half = (width - len(ellipsis)) // 2
    return _start(text, half) + ellipsis + _start(text[::-1], half)[::-1]


def _start(text: str, width: int) -> str:
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > width:
            return text[:index]
    return text


def aligned(
    columns: Sequence[Sequence[str]], right: Sequence[bool], width: int, ellipsis: str = "…"
) -> list[str]:
    """Return the lines of a table, two spaces between columns, no wider than asked if possible.

    The widest columns that are not numbers (``right``) give way, down to twelve characters.
    """
    widths = _widths(columns, right, width)
    padded = [
        [pad(squeeze(text, space, ellipsis), space, right=numeric) for text in column]
        for column, space, numeric in zip(columns, widths, right, strict=True)
    ]
    return ["  ".join(row).rstrip() for row in zip(*padded, strict=True)]


def _widths(columns: Sequence[Sequence[str]], right: Sequence[bool], width: int) -> list[int]:
    widths = [max(map(width_of, column), default=0) for column in columns]
    excess = sum(widths) + 2 * (len(widths) - 1) - width
    while excess > 0:
        wide = [i for i, space in enumerate(widths) if space > NARROWEST and not right[i]]
        if not wide:
            break
        widest = max(wide, key=lambda index: widths[index])
        widths[widest] -= 1
        excess -= 1
    return widths


def flowed(pairs: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Return names and values, one pair a line, or in columns where there are many."""
    names = max((width_of(key) for key, _ in pairs), default=0)
    cells = [f"{pad(key, names)}  {value}" for key, value in pairs]
    if len(cells) <= 8:
        return [cell.rstrip() for cell in cells]
    cell_width = max(map(width_of, cells)) + 4
    across = max(1, width // cell_width)
    down = -(-len(cells) // across)
    return [
        "".join(pad(cell, cell_width) for cell in cells[start::down]).rstrip()
        for start in range(down)
    ]


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return ``text`` in lines of at most ``width``, each behind its indent."""
    return textwrap.wrap(
        text,
        max(width, NARROWEST + len(rest)),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
