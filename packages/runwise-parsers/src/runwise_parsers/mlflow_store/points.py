"""The points of a run in a database: one metric by an index, or rows in their order."""

from __future__ import annotations

from functools import cached_property
from math import isfinite, nan
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.mlflow_store.columns import Column
from runwise_parsers.mlflow_store.records import SYSTEM
from runwise_parsers.mlflow_store.tables import value_of
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from runwise_parsers.sqlite_file import Database

INDEX = "index_metrics_run_uuid_key_step"
BY_INDEX = f" INDEXED BY {INDEX}"
OF_METRIC = ' WHERE run_uuid = ? AND "key" = ?'
_FEW_RUNS = 3
_MOST_SKIPS = 64
_NEXT_NAME = (
    'WITH RECURSIVE k(name) AS (SELECT min("key") FROM metrics WHERE run_uuid = ?1 UNION ALL '
    'SELECT (SELECT min("key") FROM metrics WHERE run_uuid = ?1 AND "key" > name) FROM k '
    "WHERE name IS NOT NULL) SELECT name FROM k WHERE name IS NOT NULL"
)
_FIRST = (
    "SELECT * FROM (SELECT rowid FROM metrics WHERE run_uuid = ?1 ORDER BY rowid LIMIT 1) "
    "UNION ALL "
    "SELECT * FROM (SELECT rowid FROM metrics WHERE run_uuid = ?1 ORDER BY rowid DESC LIMIT 1)"
)


class Points:
    """The points of one run.

    ``stepped`` says that there is a column for the step, ``indexed`` that points can be found by
    it; ``lost`` counts rows that lack a number. ``clocked`` and ``point`` are what to select.
    """

    def __init__(self, db: Database, run: str) -> None:
        self.db = db
        self.run = run
        self.odd = self.lost = 0
        self.readable = db.has("metrics", "run_uuid", "key", "value", "timestamp")
        self.stepped = db.has("metrics", "step")
        self.indexed = self.readable and self.stepped and INDEX in db.indexes
        self._step = "step" if self.stepped else "0"
        self.clocked = f"{self._step}, {value_of(db, 'metrics')}, timestamp / 1000.0"
        self.point = f"rowid, {self.clocked}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All metrics, those of the machine included, in the order in which they came up."""
        if not self.readable:
            return ()
        sql = _NEXT_NAME if self.indexed else "SELECT DISTINCT key FROM metrics WHERE run_uuid = ?"
        met = {name for (name,) in self.db.rows(sql, self.run) if isinstance(name, str)}
        first: dict[str, None] = {}
        if self.db.has("latest_metrics", "run_uuid", "key"):
            sql = "SELECT key FROM latest_metrics WHERE run_uuid = ? ORDER BY rowid"
            known = (str(name) for (name,) in self.db.rows(sql, self.run))
            first = dict.fromkeys(name for name in known if name in met)
        return (*first, *sorted(met - first.keys()))

    @property
    def own_names(self) -> tuple[str, ...]:
        """The metrics that the training logged."""
        return tuple(name for name in self.names if not name.startswith(SYSTEM))

    @cached_property
    def place(self) -> str:
        """How to find one metric of one run.

        Left to itself, SQLite takes the index of the primary key, which holds all that is asked
        but begins with the name: best for a few runs, and slow where thousands share names.
        """
        several = len(self.db.rows("SELECT 1 FROM runs LIMIT ?", _FEW_RUNS + 1)) > _FEW_RUNS
        return BY_INDEX if self.indexed and several else ""

    def ends(self) -> tuple[int, int]:
        """Return the numbers of the run's first and last row, 1 and 0 where it has none."""
        rows = self.db.rows(_FIRST, self.run) if self.readable else []
        found = [row for (row,) in rows if isinstance(row, int)]
        return (found[0], found[-1]) if found else (1, 0)

    def mark(self, at: int) -> int:
        """Return a checksum of the run's first row and of a later one."""
        if not at or not self.readable:
            return 0
        sql = f"SELECT run_uuid, key, {self._step}, value, timestamp FROM metrics "  # noqa: S608
        first = self.db.rows(sql + "WHERE run_uuid = ? ORDER BY rowid LIMIT 1", self.run)
        later = self.db.rows(sql + "WHERE rowid = ?", at)
        return crc32(repr((first, later)).encode("utf-8", "replace"))

    def steps_at(self, names: Iterable[str], begin: int, at: int) -> dict[str, float]:
        """Return the highest steps that metrics have between two rows, both included."""
        if not self.stepped:
            return {}
        more = "AND rowid BETWEEN ? AND ? ORDER BY step DESC LIMIT 1"
        sql = self.select("step", BY_INDEX if self.indexed else "", more)
        found = ((name, self.db.rows(sql, self.run, name, begin, at)) for name in names)
        steps = {name: as_number(rows[0][0]) for name, rows in found if rows}
        return {name: step for name, step in steps.items() if step is not None}

    def select(self, what: str, place: str, more: str) -> str:
        """Return the statement that finds points of one metric of one run."""
        return f"SELECT {what} FROM metrics{place}{OF_METRIC} {more}"  # noqa: S608  our own names

    def read(self, name: str, more: str, *values: float, place: str = BY_INDEX) -> Column:
        """Return the points of a metric that fit; rows without a number are left out."""
        odd = self.odd
        given = (self.run, name, *values)
        sql = self.select(self.point, place, more)
        columns = self.db.columns(sql, *given, count=4, number=self.number)
        if self.odd > odd:
            met = len(columns[0])
            plain = f"typeof(value) IN ('real', 'integer') AND typeof({self._step}) <> 'text'"
            sql = self.select(self.point, place, f"AND {plain} {more}")
            columns = self.db.columns(sql, *given, count=4, number=self.number)
            self.lost += met - len(columns[0])
        return Column(*columns).ordered()

    def in_order(self, names: Collection[str] | None, at: int, stop: int) -> dict[str, Column]:
        """Return the points of some rows, read in their order, past damaged pages."""
        sql = (
            f"SELECT {self.point}, key FROM metrics {{}} WHERE run_uuid = ? "  # noqa: S608  ours
            "AND rowid > ? AND rowid <= ? ORDER BY rowid"
        )
        found: dict[str, Column] = {}
        place, skip = "", 1
        for _ in range(_MOST_SKIPS):
            rows = self.db.rows(sql.format(place), self.run, at, stop)
            for *point, name in rows:
                wanted = not str(name).startswith(SYSTEM) if names is None else name in names
                if wanted and isinstance(name, str):
                    self._add(found.setdefault(name, Column()), point)
            if rows:
                at, skip = int(str(rows[-1][0])), 1
            if not self.db.failed or at >= stop:
                break
            # An index may be what is damaged, so go on without one, and then behind the page.
            at, skip = (at + skip, 2 * skip) if place else (at, skip)
            place = "NOT INDEXED"
        return found

    def number(self, value: object) -> float:
        """Return a cell as a number, NaN where it is none."""
        number = as_number(value)
        if number is None:
            self.odd += 1
            return nan
        return number

    def _add(self, column: Column, point: Sequence[object]) -> None:
        order, step, value, clock = map(as_number, point)
        if order is None or step is None or value is None or not isfinite(step):
            self.lost += 1
            return
        for to, number in zip(column.all, (order, step, value, clock), strict=True):
            to.append(nan if number is None else number)
