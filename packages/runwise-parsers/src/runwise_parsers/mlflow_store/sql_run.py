"""A run whose points stand in a database."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from runwise_parsers.cursor import read_cursor, write_cursor
from runwise_parsers.cursor import whole as number
from runwise_parsers.mlflow_store import artifacts, seeks
from runwise_parsers.mlflow_store.base import MlflowRun
from runwise_parsers.mlflow_store.chunks import at_once, chunks, whole
from runwise_parsers.mlflow_store.columns import (
    Piece,
    Splitter,
    all_series,
    newest,
    thinned,
)
from runwise_parsers.mlflow_store.points import Points
from runwise_parsers.mlflow_store.records import SOURCE, SYSTEM
from runwise_parsers.mlflow_store.tables import artifact_place, latest, params
from runwise_parsers.series import Batch
from runwise_parsers.sqlite_file import Database

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

    from runwise_parsers.series import Series


_BYTES_A_POINT = 200


class SqlRun(MlflowRun):
    """Reads one run of a database; each question opens it anew, and for as long as it takes."""

    def config(self) -> dict[str, object]:
        """Return the parameters: numbers and truths where MLflow's texts stand for such."""
        with self._points() as (db, _):
            return params(db, self._info.id)

    def summary(self) -> dict[str, object]:
        """Return the value of every metric at its highest step, as MLflow shows it."""
        with self._points() as (db, points):
            shown = latest(db, self._info.id)
            if not shown:
                columns = whole(points, None)
                shown = {name: one.latest for name, one in columns.items()}
            return {name: value for name, value in shown.items() if not name.startswith(SYSTEM)}

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics but those of the machine (see ``system``)."""
        with self._points() as (_, points):
            return points.own_names

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``: the rows of the table behind its row."""
        wanted = None if names is None else tuple(dict.fromkeys(names))
        state = None if cursor is None else read_cursor(cursor, SOURCE)
        with self._points() as (_, points):
            at, splitter, restart = _resumed(points, state)
            if points.db.failed:  # for the moment it cannot be known what is new
                return
            quick = at_once(points, wanted) if at == 0 else None
            if quick is not None:
                columns, end = quick
                cursor = _cursor(points, Piece(0, 0.0, end, {}))
                yield Batch(all_series(columns), 0, cursor, restart)
                return
            known = at == 0
            for chunk in chunks(points, wanted, at):
                if not known and chunk:
                    splitter.last = points.steps_at(chunk, int(splitter.begin), at)
                    known = True
                for piece in splitter.pieces(chunk):
                    yield Batch(piece.series(), piece.segment, _cursor(points, piece), restart)
                    restart = False
            if restart:
                yield Batch({}, 0, _cursor(points, Piece(0, 0.0, 0.0, {})), restart)

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` points of each metric, at steps from everywhere."""
        with self._points() as (_, points):
            if points.indexed:
                return all_series(seeks.spread(points, rows))
            return thinned(whole(points, None), rows)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows: the highest steps of the last segment."""
        if rows < 1:
            return {}
        with self._points() as (_, points):
            return newest(
                seeks.newest(points, rows) if points.indexed else whole(points, None), rows
            )

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points with ``first_step <= step <= last_step``, found by an index."""
        with self._points() as (_, points):
            if points.indexed:
                wanted = points.own_names if names is None else tuple(dict.fromkeys(names))
                return all_series(seeks.between(points, wanted, first_step, last_step))
        return super().window(names, first_step, last_step)

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what MLflow measured of the machine; ``steps`` are seconds since the start."""
        wanted = None if names is None else frozenset(names)
        with self._points() as (_, points):
            columns = whole(points, [
                name for name in points.names
                if name.startswith(SYSTEM) and (wanted is None or name in wanted)
            ])  # fmt: skip
        return self._machine(columns)

    def size(self) -> int:
        """Return about how many bytes a pass over the run's points reads."""
        sql = "SELECT count(*) FROM metrics WHERE run_uuid = ?"
        with self._points() as (db, _):
            rows = db.rows(sql, self._info.id) if db.has("metrics", "run_uuid") else []
        return sum(_BYTES_A_POINT * count for (count,) in rows if isinstance(count, int))

    def _artifacts(self) -> Path | None:
        with self._points() as (db, _):
            uri, experiment = artifact_place(db, self._info.id)
        place, gap = artifacts.place_of(uri, self._info.path.parent, experiment, self._info.id)
        if gap is not None:
            self._gaps[gap] = None
        return place

    @contextmanager
    def _points(self) -> Generator[tuple[Database, Points]]:
        with closing(Database(self._info.path)) as db:
            points = Points(db, self._info.id)
            try:
                yield db, points
            finally:
                self._gaps |= dict.fromkeys(db.gaps)
                self._lost = max(self._lost, points.lost)


def _resumed(points: Points, state: dict[str, object] | None) -> tuple[int, Splitter, bool]:
    """Return the row to go on behind; the beginning, and said so, if what was read is gone."""
    if state is None:
        return 0, Splitter(), False
    at = number(state, "at")
    if points.mark(at) != state.get("print"):
        return 0, Splitter(), True
    return at, Splitter(number(state, "segment"), float(number(state, "begin"))), False


def _cursor(points: Points, piece: Piece) -> str:
    at = int(piece.end)
    mark = points.mark(at)
    return write_cursor(SOURCE, at=at, print=mark, segment=piece.segment, begin=int(piece.begin))
