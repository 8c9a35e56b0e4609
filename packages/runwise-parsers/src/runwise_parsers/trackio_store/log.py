"""The rows a run logged, as a table holds them: pieces of it, its end, samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.stretches import stretches
from runwise_parsers.trackio_store.rows import Rows, rows_of
from runwise_parsers.trackio_store.tables import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.sqlite_file import Database, Row

_AT_ONCE = 4096
_MOST_SKIPS = 64
_INDEX = "idx_metrics_run_step"


@dataclass(slots=True)
class Place:
    """What must be remembered between two pieces of a log.

    ``at`` is the number of the newest row, ``first`` that of the run's first one, ``step`` the
    newest step, ``segment`` counts its falls.
    """

    at: int = 0
    first: int = 0
    segment: int = 0
    step: float | None = None

    def pieces(self, rows: Rows) -> Iterator[Rows]:
        """Yield rows in pieces in which the step does not fall, and move on with each."""
        segment, before = self.segment, self.step
        for begin, end, falls in stretches(rows.steps, before):
            if end > begin:
                piece = rows.part(begin, end)
                self.segment, self.step = segment + falls, piece.steps[-1]
                self.at = piece.ids[-1]
                yield piece


class Log:
    """The rows of a run in ``metrics``, or in ``system_metrics``, which have no step.

    ``indexed`` says that rows can be found by their step.
    """

    def __init__(self, db: Database, run: str, table: str = "metrics") -> None:
        self.db = db
        self.run = run
        self.lost = 0
        self.media: dict[str, str] = {}
        self._table = table
        self._key = key_of(db, table)
        self._readable = bool(self._key) and db.has(table, "id", "timestamp", "metrics")
        stepped = db.has(table, "step")
        self.indexed = self._readable and stepped and _INDEX in db.indexes
        step = "step" if stepped else "0"
        self._row = f"SELECT id, {step}, timestamp, CAST(metrics AS BLOB) FROM {table}"  # noqa: S608
        # The plus keeps SQLite from an index that knows nothing of the order of rows.
        self._mine = f"WHERE +{self._key} = ?"

    def ends(self) -> tuple[int, int]:
        """Return the numbers of the first and the last row, 0 where there is none."""
        if not self._readable:
            return 0, 0
        sql = f"SELECT min(id), max(id) FROM {self._table} WHERE {self._key} = ?"  # noqa: S608
        for first, last in self.db.rows(sql, self.run):
            if isinstance(first, int) and isinstance(last, int):
                return first, last
        return 0, 0

    def start(self) -> Place:
        """Return the place before the first row."""
        first, _ = self.ends()
        return Place(first - 1, first)

    def last(self) -> int:
        """Return the number of the last row of all runs, which costs nothing to know."""
        rows = self.db.rows(f"SELECT max(id) FROM {self._table}") if self._readable else []  # noqa: S608
        return next((row for (row,) in rows if isinstance(row, int)), 0)

    def count(self) -> int:
        """Return how many rows the run has."""
        sql = f"SELECT count(*) FROM {self._table} WHERE {self._key} = ?"  # noqa: S608  our own
        rows = self.db.rows(sql, self.run) if self._readable else []
        return next((count for (count,) in rows if isinstance(count, int)), 0)

    def chunks(self, at: int, last: int) -> Iterator[Rows]:
        """Yield the rows behind a row up to another, in their order, past damaged pages."""
        sql = f"{self._row} {self._mine} AND id > ? AND id <= ? ORDER BY id LIMIT {_AT_ONCE}"
        skip, skips = 1, 0
        while at < last and self._readable and skips < _MOST_SKIPS:
            cells = self.db.rows(sql, self.run, at, last)
            failed = self.db.failed
            if cells:
                yield self._taken(cells)
                at, skip = int(str(cells[-1][0])), 1
            if failed:
                at, skip, skips = at + skip, 2 * skip, skips + 1
            elif len(cells) < _AT_ONCE:
                return

    def tail(self, rows: int) -> Rows:
        """Return the newest rows."""
        if not self._readable:
            return Rows()
        sql = f"{self._row} {self._mine} AND id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?"
        return self._taken(self.db.rows(sql, self.run, *self.ends(), rows)[::-1])

    def between(self, first: float, last: float) -> Rows:
        """Return the rows between two steps, both included; ask where ``indexed``."""
        sql = f"{self._row} INDEXED BY {_INDEX} WHERE {self._key} = ? AND step BETWEEN ? AND ?"
        return self._taken(sorted(self.db.rows(sql, self.run, first, last), key=_number))

    def spread(self, rows: int) -> Rows:
        """Return rows at steps all over the run, first and last included; ask as above."""
        place = f"FROM {self._table} INDEXED BY {_INDEX} WHERE {self._key} = ?"
        ends = (
            f"SELECT (SELECT step {place} ORDER BY step LIMIT 1), "
            f"(SELECT step {place} ORDER BY step DESC LIMIT 1)"
        )
        for low, high in self.db.rows(ends, self.run, self.run):
            if isinstance(low, (int, float)) and isinstance(high, (int, float)):
                break
        else:
            return Rows()
        count = max(2, rows - 2)
        sql = (
            "WITH RECURSIVE g(p, n) AS "  # noqa: S608  our own names
            "(SELECT ?, ? UNION ALL SELECT p + ?, n - 1 FROM g WHERE n > 1) "
            f"{self._row} WHERE id IN (SELECT (SELECT id {place} AND step >= p "
            "ORDER BY step LIMIT 1) FROM g UNION ALL SELECT ? UNION ALL SELECT ?) ORDER BY id"
        )
        grid = (low, count, (high - low) / (count - 1))
        return self._taken(self.db.rows(sql, *grid, self.run, *self.ends()))

    def mark(self, place: Place) -> int:
        """Return a checksum of the first row and of the newest one."""
        if not place.at or not self._readable:
            return 0
        sql = f"{self._row} WHERE id IN (?, ?) AND {self._key} = ? ORDER BY id"
        rows = self.db.rows(sql, place.first, place.at, self.run)
        return crc32(repr(rows).encode("utf-8", "replace"))

    def _taken(self, cells: list[Row]) -> Rows:
        found = rows_of(cells)
        self.lost += found.lost
        self.media |= found.media
        return found


def _number(cells: Row) -> int:
    return cells[0] if isinstance(cells[0], int) else 0
