"""Lines of one kind as columns, and lines of several kinds as the columns of one table."""

from __future__ import annotations

from array import array
from datetime import datetime
from typing import TYPE_CHECKING

from runwise_parsers.console_log.number import numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from runwise_parsers.console_log.form import Spot
    from runwise_parsers.console_log.kind import Kind
    from runwise_parsers.json_log.columns import Cells

_TOTALS = ("total", "epochs")


class Lines:
    """Lines of one kind: the rows they are, and the texts of their numbers, column by column."""

    def __init__(self, kind: Kind, rows: Sequence[int], texts: Sequence[Sequence[bytes]]) -> None:
        self.kind = kind
        self.rows = rows
        self._columns = list(zip(*texts, strict=True)) if kind.fields else []

    def column(self, place: int) -> array[float]:
        """Return the numbers of a field."""
        scale = self.kind.fields[place].scale
        found = numbers(self._columns[place + (self.kind.stamp == 0)])
        return found if scale == 1.0 else array("d", [one * scale for one in found])

    def roles(self) -> dict[str, array[float]]:
        """Return what the lines say of their places."""
        fields = enumerate(self.kind.fields)
        return {
            one.role: self.column(at) for at, one in fields if one.role and one.role not in _TOTALS
        }

    def totals(self) -> dict[str, float]:
        """Return what the last line says of the places that there are in all."""
        fields = enumerate(self.kind.fields)
        return {one.role: self.column(at)[-1] for at, one in fields if one.role}

    def clocks(self) -> list[float | None]:
        """Return the times of the lines."""
        if self.kind.stamp != 0:
            return [None] * len(self.rows)
        known: dict[bytes, float | None] = {}
        texts = self._columns[0]
        for text in texts:
            if text not in known:
                known[text] = clock_of(text)
        return [known[text] for text in texts]


def clock_of(text: bytes) -> float | None:
    """Return a printed time as Unix seconds; it is that of this machine's zone."""
    told = text.decode("latin-1").replace("/", "-").replace(",", ".").strip()
    whole, _, part = told.partition(".")
    try:
        when = datetime.fromisoformat(whole).astimezone().timestamp()
        return when + (float(f"0.{part}") if part else 0.0)
    except (ValueError, OverflowError, OSError):
        return None


def texts_of(kind: Kind, line: bytes) -> tuple[bytes, ...]:
    """Return the numbers of a line of which the kind was just made."""
    texts = tuple(line[spot.begin : spot.end] for spot in kind.fields)
    if kind.stamp != 0 or kind.line is None:
        return texts if kind.stamp != 0 else (b"", *texts)
    match = kind.line.fullmatch(line + b"\n")
    return (match[1] if match else b"", *texts)


def renumber(met: list[Lines]) -> None:
    """Number rows instead of lines: most lines of a log may hold nothing."""
    places = sorted(place for lines in met for place in lines.rows)
    rows = {place: row for row, place in enumerate(places)}
    for lines in met:
        lines.rows = [rows[place] for place in lines.rows]


def times_of(met: list[Lines], count: int) -> array[float] | None:
    """Return the times of all rows, ``None`` unless each has one."""
    if not met or any(lines.kind.stamp != 0 for lines in met):
        return None
    clocks: list[float | None] = [None] * count
    for lines in met:
        for row, clock in zip(lines.rows, lines.clocks(), strict=True):
            clocks[row] = clock
    known = [clock for clock in clocks if clock is not None]
    return array("d", known) if len(known) == count else None


def cells_of(met: list[Lines], names: Collection[str] | None, count: int) -> dict[str, Cells]:
    """Return the numbers of all metrics, or of those that are wanted."""
    parts: dict[str, list[tuple[Sequence[int], array[float]]]] = {}
    for lines in sorted(met, key=lambda one: one.rows[0]):
        taken: dict[str, int] = {}
        for place, spot in enumerate(lines.kind.fields):
            if _is_wanted(spot, names):
                taken.setdefault(spot.name, place)
        for name, place in taken.items():
            parts.setdefault(name, []).append((lines.rows, lines.column(place)))
    return {name: _joined(pieces, count) for name, pieces in parts.items()}


def _is_wanted(spot: Spot, names: Collection[str] | None) -> bool:
    return not spot.role and (names is None or spot.name in names)


def _joined(pieces: list[tuple[Sequence[int], array[float]]], count: int) -> Cells:
    if len(pieces) == 1:
        rows, values = pieces[0]
        return values, None if len(rows) == count else list(rows)
    both: dict[int, float] = {}
    for rows, values in pieces:
        both.update(zip(rows, values, strict=True))
    places = sorted(both)
    values = array("d", [both[place] for place in places])
    return values, None if len(places) == count else places
