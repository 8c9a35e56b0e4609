"""The names below a chart in a terminal, with what its picture does not tell exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_format.layout import aligned, width_of
from runwise_format.numbers import decimal, exact_step
from runwise_format.safety import ascii_only
from runwise_format.shape import ends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runwise_format.cells import At
    from runwise_format.document import Line

FEWEST = 3
"""Columns that a page keeps however narrow it is: sign, name, last value."""


def legend(
    lines: Sequence[Line],
    signs: Sequence[str],
    width: int,
    paint: Callable[[str, int], str],
    *,
    ascii_signs: bool,
) -> list[str]:
    """Return a line for each curve: its sign, its name, last value, and extremes if they fit."""
    rows = [_described(line, sign) for line, sign in zip(lines, signs, strict=True)]
    shown = [column for column in zip(*rows, strict=True) if any(column)]
    if ascii_signs:
        shown = [tuple(map(ascii_only, column)) for column in shown]
    ellipsis = "..." if ascii_signs else "…"
    texts = _aligned(shown, width, ellipsis)
    while max(map(width_of, texts)) > width and len(shown) > FEWEST:
        shown.pop()
        texts = _aligned(shown, width, ellipsis)
    return [
        paint(sign, owner) + text[len(sign) :]
        for owner, (text, sign) in enumerate(zip(texts, signs, strict=True))
    ]


def _aligned(columns: Sequence[Sequence[str]], width: int, ellipsis: str) -> list[str]:
    right = [False, False] + [True] * (len(columns) - 2)
    return aligned(columns, right, width, ellipsis)


def _described(line: Line, sign: str) -> tuple[str, ...]:
    known = ends(line)
    name = f"{line.name} {line.unit}".rstrip()
    last = "" if known.last is None else f"last {decimal(known.last, 3)}"
    odd = f"{known.odd} not finite" if known.odd else ""
    return sign, name, last, _place("min", known.low), _place("max", known.high), odd


def _place(word: str, at: At | None) -> str:
    if at is None or at.value is None or at.step is None:
        return ""
    return f"{word} {decimal(at.value, 3)}@{exact_step(at.step)}"
