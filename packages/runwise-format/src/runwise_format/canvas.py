"""A grid of dots in a terminal: braille cells of two by four dots, or one sign a cell.

Whoever draws later lies on top. A cell of braille has one colour, that of its last dot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MARKS = "*+ox#%@&"
BRAILLE = 0x2800
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Canvas:
    """``columns`` by ``rows`` cells; dots are counted from the upper left corner."""

    def __init__(self, columns: int, rows: int, *, braille: bool) -> None:
        self.columns, self.rows = columns, rows
        self.across, self.down = (2, 4) if braille else (1, 1)
        self._cells: dict[tuple[int, int], tuple[int, int, str]] = {}

    @property
    def width(self) -> int:
        """Dots from left to right."""
        return self.columns * self.across

    @property
    def height(self) -> int:
        """Dots from top to bottom."""
        return self.rows * self.down

    def dot(self, x: int, y: int, owner: int) -> None:
        """Put a dot."""
        cell = y // self.down, x // self.across
        if self.across == 1:
            self.sign(x, y, MARKS[owner % len(MARKS)], owner)
            return
        bits, _, sign = self._cells.get(cell, (0, owner, ""))
        bit = _BITS[x % self.across][y % self.down]
        self._cells[cell] = (0 if sign else bits) | bit, owner, ""

    def sign(self, column: int, row: int, sign: str, owner: int) -> None:
        """Put a sign into a cell, whatever was there."""
        self._cells[row, column] = 0, owner, sign

    def line(self, x: int, y: int, to_x: int, to_y: int, owner: int) -> None:
        """Put dots from one place to another."""
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(steps + 1):
            self.dot(x + _share(to_x - x, step, steps), y + _share(to_y - y, step, steps), owner)

    def draw(self, paint: Callable[[str, int], str]) -> list[str]:
        """Return the rows; ``paint`` colours what one owner drew."""
        return [self._row(row, paint) for row in range(self.rows)]

    def _row(self, row: int, paint: Callable[[str, int], str]) -> str:
        parts: list[str] = []
        text, painter = "", -1
        for column in range(self.columns):
            bits, owner, sign = self._cells.get((row, column), (0, -1, " "))
            if owner != painter:
                parts.append(paint(text, painter))
                text, painter = "", owner
            text += sign or chr(BRAILLE + bits)
        parts.append(paint(text, painter))
        return "".join(parts).rstrip()


def _share(distance: int, step: int, steps: int) -> int:
    """Return ``distance * step / steps``, rounded alike in both directions."""
    share = (abs(distance) * step * 2 + steps) // (2 * steps)
    return share if distance >= 0 else -share
