"""Rows of equal width, held as texts or, where there is nothing else in them, as numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.number import Numbers, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable


class Block(ABC):
    """``count`` rows of a table."""

    __slots__ = ()
    count: int

    @abstractmethod
    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""

    @abstractmethod
    def row(self, at: int) -> list[str]:
        """Return the cells of one row."""

    @abstractmethod
    def numbers(self, place: int, rows: list[int] | None = None) -> Numbers:
        """Return the numbers of one column, of some rows only if these are given."""

    @abstractmethod
    def part(self, begin: int, end: int) -> Block:
        """Return the rows from ``begin`` up to ``end``."""


def _cells() -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class TextBlock(Block):
    """Rows as one flat list of texts, ``stride`` of them a row, whose columns are slices of it.

    Cells beyond a table's width mean nothing.
    """

    cells: list[str] = field(default_factory=_cells)
    stride: int = 1
    count: int = 0

    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""
        return self.cells[place :: self.stride]

    def row(self, at: int) -> list[str]:
        """Return the cells of one row."""
        return self.cells[at * self.stride : (at + 1) * self.stride]

    def numbers(self, place: int, rows: list[int] | None = None) -> Numbers:
        """Return the numbers of one column, of some rows only if these are given."""
        cells = self.column(place)
        return numbers(cells if rows is None else [cells[row] for row in rows])

    def part(self, begin: int, end: int) -> Block:
        """Return the rows from ``begin`` up to ``end``."""
        if begin == 0 and end == self.count:
            return self
        cells = self.cells[begin * self.stride : end * self.stride]
        return TextBlock(cells, self.stride, end - begin)


@dataclass(frozen=True, slots=True)
class NumberBlock(Block):
    """Rows as lists of numbers, not one of them missing."""

    rows: list[list[float]]

    @property
    def count(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The number of rows."""
        return len(self.rows)

    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""
        return [repr(row[place]) for row in self.rows]

    def row(self, at: int) -> list[str]:
        """Return the cells of one row."""
        return list(map(repr, self.rows[at]))

    def numbers(self, place: int, rows: list[int] | None = None) -> Numbers:
        """Return the numbers of one column, of some rows only if these are given."""
        some = self.rows if rows is None else [self.rows[row] for row in rows]
        return Numbers(array("d", [row[place] for row in some]))

    def part(self, begin: int, end: int) -> Block:
        """Return the rows from ``begin`` up to ``end``."""
        return self if end - begin == len(self.rows) else NumberBlock(self.rows[begin:end])


def stacked(rows: Iterable[list[str]], width: int) -> TextBlock:
    """Return rows of at least ``width`` cells as a block."""
    cut = [row[:width] for row in rows]
    return TextBlock(list(chain.from_iterable(cut)), width, len(cut))
