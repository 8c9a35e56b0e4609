"""A run whose metrics are files (see files)."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.cursor import read_cursor, real, whole, write_cursor
from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.mlflow_store import artifacts
from runwise_parsers.mlflow_store.base import MlflowRun
from runwise_parsers.mlflow_store.columns import Column, Splitter, newest, thinned
from runwise_parsers.mlflow_store.files import meta_of, paths, texts
from runwise_parsers.mlflow_store.metric_file import read_points
from runwise_parsers.mlflow_store.names import METRICS, PARAMS
from runwise_parsers.mlflow_store.records import SOURCE, SYSTEM, setting
from runwise_parsers.series import Batch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from runwise_parsers.series import Series


_MARKED = 64


class FileRun(MlflowRun):
    """Reads one run directory. The metrics are held as columns while a question is answered."""

    def config(self) -> dict[str, object]:
        """Return the parameters: numbers and truths where MLflow's texts stand for such."""
        found = texts(self._info.path / PARAMS)
        return {name: setting(text) for name, text in found.items()}

    def summary(self) -> dict[str, object]:
        """Return the value of every metric at its highest step, as MLflow shows it."""
        return {name: one.latest for name, one in self._columns(None).items() if len(one)}

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics but those of the machine (see ``system``)."""
        found = sorted(paths(self._info.path / METRICS))
        return tuple(name for name in found if not name.startswith(SYSTEM))

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield the points with later clocks than those seen; all again if these changed."""
        wanted = None if names is None else frozenset(names)
        state = None if cursor is None else read_cursor(cursor, SOURCE)
        columns = self._columns(wanted)
        at = 0.0 if state is None else real(state, "at") or 0.0
        restart = state is not None and state.get("print") != _mark(columns, at)
        splitter = Splitter()
        if state is not None and not restart:
            splitter = _resumed(columns, at, whole(state, "segment"), real(state, "begin") or 0.0)
        after = 0.0 if restart else at
        rest = {name: _behind(one, after) for name, one in columns.items()}
        for piece in splitter.pieces({name: one for name, one in rest.items() if len(one)}):
            where = _cursor(columns, piece.end, piece.segment, piece.begin)
            yield Batch(piece.series(), piece.segment, where, restart)
            restart = False
        if restart:
            yield Batch({}, 0, _cursor(columns, 0.0, 0, 0.0), restart)

    def overview(self, rows: int) -> dict[str, Series]:
        """Return ``rows`` evenly spread points of each metric, first and last included."""
        return thinned(self._columns(None), rows)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows: the highest steps of the last segment."""
        return newest(self._columns(None), rows) if rows > 0 else {}

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what MLflow measured of the machine; ``steps`` are seconds since the start."""
        asked = None if names is None else frozenset(names)
        known = (name for name in paths(self._info.path / METRICS) if name.startswith(SYSTEM))
        columns = self._columns({name for name in known if asked is None or name in asked})
        return self._machine(columns)

    def size(self) -> int:
        """Return about how many bytes a pass over the run's metrics reads."""
        total = 0
        for path in paths(self._info.path / METRICS).values():
            try:
                total += path.stat().st_size
            except OSError:
                continue
        return total

    def _artifacts(self) -> Path | None:
        run = self._info.path
        uri = str(meta_of(run).get("artifact_uri") or "")
        store = run.parent.parent
        place, gap = artifacts.place_of(uri, store.parent, run.parent.name, run.name)
        place = place or artifacts.trusted(run / artifacts.FOLDER, run.resolve().name)
        if place is None and gap is not None:
            self._gaps[gap] = None
        return place

    def _columns(self, names: Collection[str] | None) -> dict[str, Column]:
        """Read the named metrics, or those of the training, and note what is wrong with them."""
        found: dict[str, Column] = {}
        lost = 0
        for name, path in sorted(paths(self._info.path / METRICS).items()):
            if name not in names if names is not None else name.startswith(SYSTEM):
                continue
            try:
                found[name], bad, torn = read_points(path)
            except OSError as error:
                self._gaps[unreadable(f"metrics/{name}", error)] = None
                continue
            lost += bad
            if torn and self._info.state != "running":
                what = f"the last line of metrics/{name}"
                self._gaps[Gap(what, "it is cut short", "The writer died writing it.")] = None
        self._lost = max(self._lost, lost)
        return found


def _behind(column: Column, at: float) -> Column:
    return column.part(bisect_right(column.order, at), len(column))


def _resumed(columns: dict[str, Column], at: float, segment: int, begin: float) -> Splitter:
    """Return what cutting the log had to remember at a place."""
    splitter = Splitter(segment, begin)
    for name, one in columns.items():
        end = bisect_right(one.order, at)
        if end and one.order[end - 1] >= begin:
            splitter.last[name] = one.steps[end - 1]
    return splitter


def _cursor(columns: dict[str, Column], at: float, segment: int, begin: float) -> str:
    mark = _mark(columns, at)
    return write_cursor(SOURCE, at=at, print=mark, segment=segment, begin=begin)


def _mark(columns: dict[str, Column], at: float) -> int:
    """Return a checksum of what there is up to a place: counts, first points and last ones."""
    mark = 0
    for name, one in sorted(columns.items()):
        end = bisect_right(one.order, at)
        if end:
            begin = max(0, end - _MARKED)
            mark = crc32(f"{name} {end}".encode("utf-8", "replace"), mark)
            mark = crc32((one.values[:1] + one.values[begin:end]).tobytes(), mark)
            mark = crc32(one.steps[begin:end].tobytes(), mark)
    return mark
