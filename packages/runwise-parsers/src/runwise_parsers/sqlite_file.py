"""SQLite files of trackers, read without leaving a trace beside them.

    <name>.db            the database
    <name>.db-wal        what was committed since the last checkpoint, in WAL mode
    <name>.db-shm        where those pages are; made by whoever opens such a pair
    <name>.db-journal    what a transaction that is under way has replaced

SQLite makes a ``-shm`` when it reads a ``-wal``, even in ``mode=ro``. So a pair with its ``-shm``
is opened by ``readonly_shm=1``, and a pair without one is copied into a private directory first.
In WAL mode without a ``-wal`` nobody is writing, and the file is read as it is (``immutable=1``).
In the other modes it is read under SQLite's shared lock, for as long as one short statement: a
writer would have to wait for longer ones.

A database may be locked, damaged or another program's: what can be read is read, and the rest is
a ``Gap``.
"""

from __future__ import annotations

import sqlite3
from array import array
from functools import cached_property
from struct import Struct
from struct import error as struct_error
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from runwise_parsers.gap import Gap
from runwise_parsers.sqlite_place import Place, place_of, stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Row = tuple[object, ...]

_PATIENCE = 0.5
"""Seconds to wait for a writer; then it is said that the file is locked."""
_CHECKED_EVERY = 100_000  # steps of SQLite's machine, some milliseconds
_AT_ONCE = 512  # rows made before they become columns: these tuples are used again
_TRIES = 3
_Answer = TypeVar("_Answer")


class Database:
    """A SQLite file opened for reading, for as long as one question takes.

    ``gaps`` says what could not be read so far, ``failed`` that the last statement ended early.
    ``longest`` is how many seconds one may take: a damaged index can lead in circles.
    """

    def __init__(self, path: Path, *, longest: float = 8.0) -> None:
        self.path = path
        self._longest = longest
        self.gaps: list[Gap] = []
        self.failed = False
        self._place: Place | None = None
        self._connection: sqlite3.Connection | None = None
        self._columns: dict[str, frozenset[str]] = {}
        self._locked = False
        self._until = 0.0

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._place is not None:
            self._place.remove()
            self._place = None

    @cached_property
    def _tables(self) -> frozenset[str]:
        """The names of all tables; views and virtual tables are none."""
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
        return frozenset(str(name) for (name,) in self.rows(sql))

    def columns_of(self, table: str) -> frozenset[str]:
        """Return the columns of a table, none where there is no such table."""
        if table not in self._columns:
            sql = "SELECT name FROM pragma_table_info(?)"
            found = self.rows(sql, table) if table in self._tables else []
            self._columns[table] = frozenset(str(name) for (name,) in found)
        return self._columns[table]

    @cached_property
    def indexes(self) -> frozenset[str]:
        """The names of all indexes."""
        found = self.rows("SELECT name FROM sqlite_master WHERE type = 'index'")
        return frozenset(str(name) for (name,) in found)

    def has(self, table: str, *columns: str) -> bool:
        """Say whether a table is there, with these columns."""
        known = self.columns_of(table)
        return bool(known) and known.issuperset(columns)

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Return what a statement gives, as far as it can be read."""

        def run(connection: sqlite3.Connection, found: list[Row]) -> None:
            found.extend(connection.execute(sql, values))

        return self._run(run, list["Row"])

    def columns(
        self, sql: str, *values: object, count: int, number: Callable[[object], float]
    ) -> list[array[float]]:
        """Return ``count`` columns of numbers; ``number`` makes one of what is none."""

        def run(connection: sqlite3.Connection, found: list[array[float]]) -> None:
            fetch = connection.execute(sql, values).fetchmany
            while rows := fetch(_AT_ONCE):
                cells = list(zip(*rows, strict=True))
                pack = Struct(f"{len(rows)}d").pack
                try:
                    made = [pack(*one) for one in cells]
                except struct_error:  # a text or nothing
                    made = [pack(*map(number, one)) for one in cells]
                for column, more in zip(found, made, strict=True):
                    column.frombytes(more)

        return self._run(run, lambda: [array("d") for _ in range(count)])

    def _run(
        self, ask: Callable[[sqlite3.Connection, _Answer], None], made: Callable[[], _Answer]
    ) -> _Answer:
        """Ask the database; again, if it was written to while nobody held it still."""
        found = made()
        for _ in range(_TRIES):
            found, self.failed = made(), self._locked
            if self._locked:
                break
            try:
                connection = self._opened()
                self._until = monotonic() + self._longest
                ask(connection, found)
            except sqlite3.Error as error:
                self._note(error)
            except (UnicodeEncodeError, OverflowError):  # no file holds what is asked for
                pass
            except UnicodeDecodeError:  # in what SQLite says of a damaged schema
                self._note(sqlite3.DatabaseError("malformed database schema"))
            except OSError as error:
                self._note(sqlite3.OperationalError(error.strerror or "it cannot be opened"))
            if self._place is None or self._place.is_still():
                break
        return found

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and self._place is not None and self._place.is_still():
            return self._connection
        self.close()
        self._place = place_of(self.path)
        self.gaps += self._place.gaps
        self._connection = connection = sqlite3.connect(
            self._place.uri,
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.text_factory = _text
        connection.set_progress_handler(self._is_late, _CHECKED_EVERY)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    def _is_late(self) -> bool:
        return monotonic() > self._until

    def _note(self, error: sqlite3.Error) -> None:
        self.failed = True
        gap, self._locked = _gap_of(self.path.name, error)
        if "interrupted" in str(error):  # the next ones of this question are given less
            self._longest = min(self._longest, _PATIENCE)
        if gap not in self.gaps:
            self.gaps.append(gap)


def modified(path: Path) -> float | None:
    """Return when a database was last written to, its ``-wal`` included."""
    times = [stamp[0] for stamp in stamp_of(path) if stamp is not None]
    return max(times) / 1e9 if times else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _gap_of(name: str, error: sqlite3.Error) -> tuple[Gap, bool]:
    """Return what an error means, and whether it is of no use to ask on."""
    said = str(error)
    if "locked" in said or "busy" in said:
        return Gap(name, "another program has locked it", "Ask again in a moment."), True
    if "not a database" in said:
        return Gap(name, "it is no SQLite database, or encrypted", "Check the file."), True
    if "interrupted" in said:
        return Gap(f"rows of {name}", "reading them took too long", "All others were read."), False
    if "malformed" in said or "I/O" in said or "corrupt" in said:
        remedy = "All others were read; sqlite3's .recover may find more."
        return Gap(f"rows of {name}", f"the file is damaged ({said})", remedy), False
    return Gap(f"rows of {name}", said, "Check the file."), False
