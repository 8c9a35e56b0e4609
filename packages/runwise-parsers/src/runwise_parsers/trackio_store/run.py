"""One run of a Trackio database."""

from __future__ import annotations

from array import array
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.alert import Alert
from runwise_parsers.axes import clock_of
from runwise_parsers.cursor import read_cursor, real, whole, write_cursor
from runwise_parsers.gap import Gap, media_gap
from runwise_parsers.run import Run, gather
from runwise_parsers.series import Batch, Series
from runwise_parsers.sqlite_file import Database
from runwise_parsers.trackio_store.log import Log, Place
from runwise_parsers.trackio_store.tables import SOURCE, key_of, own_config
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from runwise_parsers.info import RunInfo

_BYTES_A_ROW = 250


class TrackioRun(Run):
    """Reads one run of a database; each question opens it anew, and for as long as it takes."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info
        self._gaps: dict[Gap, None] = {}
        self._media: dict[str, str] = {}
        self._lost = 0
        self._last: dict[str, object] | None = None

    @property
    def info(self) -> RunInfo:
        """What the tables say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        found = [*self._info.gaps, *self._gaps]
        if self._lost:
            what = f"{self._lost} row{'s' if self._lost > 1 else ''} of {self._info.path.name}"
            found.append(Gap(what, "no JSON object or no step", "All others were read."))
        if self._media:
            remedy = f"See them with: trackio show --project {self._info.project}"
            found.append(replace(media_gap(self._media), remedy=remedy))
        return tuple(dict.fromkeys(found))

    def config(self) -> dict[str, object]:
        """Return the hyperparameters, without what Trackio adds."""
        with self._log() as log:
            return own_config(log.db, self._info.id)

    def summary(self) -> dict[str, object]:
        """Return the last value of every metric."""
        return dict(self._known())

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics."""
        return tuple(self._known())

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield the rows behind that of the cursor; a fall of the step opens a segment."""
        wanted = None if names is None else frozenset(names)
        state = None if cursor is None else read_cursor(cursor, SOURCE)
        last: dict[str, object] = {}
        with self._log() as log:
            place, restart = (log.start(), False) if state is None else _resumed(log, state)
            if log.db.failed:  # for the moment it cannot be known what is new
                return
            for rows in log.chunks(place.at, log.last()):
                for piece in place.pieces(rows):
                    series = piece.series(wanted)
                    last |= {name: one.last for name, one in series.items()}
                    yield Batch(series, place.segment, _cursor(log, place), restart)
                    restart = False
            if restart:
                yield Batch({}, 0, _cursor(log, Place()), restart)
        if cursor is None and wanted is None:
            self._last = last

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` rows at steps from everywhere, first and last included."""
        with self._log() as log:
            if log.indexed:
                return log.spread(rows).series()
        return {name: _thinned(one, max(2, rows)) for name, one in self.series().items()}

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows."""
        with self._log() as log:
            return log.tail(rows).series() if rows > 0 else {}

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points with ``first_step <= step <= last_step``, found by an index."""
        wanted = None if names is None else frozenset(names)
        with self._log() as log:
            if log.indexed:
                return log.between(first_step, last_step).series(wanted)
        return super().window(wanted, first_step, last_step)

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what was measured of the machine; ``steps`` are seconds since the start."""
        wanted = None if names is None else frozenset(names)
        with self._log("system_metrics") as log:
            chunks = log.chunks(log.start().at, log.last())
            found = gather([rows.series(wanted) for rows in chunks])
        begin = self._info.created
        timed: dict[str, Series] = {}
        for name, one in found.items():
            if one.times is not None:
                start = one.times[0] if begin is None else begin
                steps = array("d", [clock - start for clock in one.times])
                timed[name] = Series(name, steps, one.values, one.times)
        return timed

    def alerts(self) -> list[Alert]:
        """Return the alerts that were raised, oldest first."""
        with self._log() as log:
            key = key_of(log.db, "alerts")
            if not key or not log.db.has("alerts", "timestamp", "title", "text", "level", "step"):
                return []
            sql = (
                "SELECT title, text, level, step, timestamp FROM alerts "  # noqa: S608  our own
                f"WHERE {key} = ? ORDER BY rowid"
            )
            found = log.db.rows(sql, self._info.id)
        return [
            Alert(_text(title), _text(text), _text(level).lower(), as_number(step), clock_of(when))
            for title, text, level, step, when in found
        ]

    def size(self) -> int:
        """Return about how many bytes a pass over the run's rows reads."""
        with self._log() as log:
            return _BYTES_A_ROW * log.count()

    def _known(self) -> dict[str, object]:
        """Return the last values a pass over the whole log met; the pass is made once."""
        if self._last is None:
            for _ in self.batches():
                pass
        return self._last or {}

    @contextmanager
    def _log(self, table: str = "metrics") -> Generator[Log]:
        with closing(Database(self._info.path)) as db:
            log = Log(db, self._info.id, table)
            try:
                yield log
            finally:
                self._gaps |= dict.fromkeys(db.gaps)
                self._lost = max(self._lost, log.lost)
                self._media |= log.media


def _resumed(log: Log, state: dict[str, object]) -> tuple[Place, bool]:
    """Return the row to go on behind; the beginning, and said so, if what was read is gone."""
    place = Place(
        whole(state, "at"), whole(state, "first"), whole(state, "segment"), real(state, "step")
    )
    if log.mark(place) == state.get("print"):
        return (place, False) if place.at else (log.start(), False)
    return log.start(), True


def _cursor(log: Log, place: Place) -> str:
    return write_cursor(
        SOURCE,
        at=place.at,
        first=place.first,
        print=log.mark(place),
        segment=place.segment,
        step=place.step,
    )


def _thinned(series: Series, count: int) -> Series:
    """Return evenly spread points of a curve, first and last included."""
    if len(series) <= count:
        return series
    places = [place * (len(series) - 1) // (count - 1) for place in range(count)]
    steps, values = (
        array("d", [column[place] for place in places]) for column in (series.steps, series.values)
    )
    times = None if series.times is None else array("d", [series.times[at] for at in places])
    return Series(series.name, steps, values, times)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
