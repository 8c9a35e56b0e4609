"""A training whose ranks logged apart, read as one run.

The lowest rank's metrics keep their names, those of rank 3 are called ``rank3/loss``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast
from zlib import crc32

from runwise_parsers.cursor import fingerprint, read_cursor, whole, write_cursor
from runwise_parsers.json_log.cursors import START, identity_of, size_of
from runwise_parsers.json_log.piece import Place
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.json_log.steps import Position
from runwise_parsers.rank_log.cursor import MOST_RANKS, packed, unpacked
from runwise_parsers.rank_log.merge import merged
from runwise_parsers.rank_log.names import by_rank
from runwise_parsers.run import Run
from runwise_parsers.series import Batch, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo


class RanksRun(Run):
    """Reads the logs of several ranks side by side."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info
        self._marks: dict[str, tuple[int, int]] = {}
        self._runs = {
            f"rank{rank}/" if number else "": JsonlRun(
                replace(info, segments=(path,), gaps=()), path
            )
            for number, (rank, path) in enumerate(by_rank(info.segments).items())
        }

    @property
    def info(self) -> RunInfo:
        """What the first and last lines of all ranks say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far, of all ranks."""
        found = [gap for run in self._runs.values() for gap in run.gaps]
        return tuple(dict.fromkeys([*self._info.gaps, *found]))

    def config(self) -> dict[str, object]:
        """Return nothing: JSON Lines files have no place for hyperparameters."""
        return {}

    def summary(self) -> dict[str, object]:
        """Return the last value of every rank's metrics."""
        return {
            prefix + name: value
            for prefix, run in self._runs.items()
            for name, value in run.summary().items()
        }

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics, rank by rank."""
        return tuple(self.summary())

    def series(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return exact columns; only the ranks that are named are read."""
        return self._of_each(names, lambda run, wanted: run.series(wanted))

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points between two steps."""
        return self._of_each(names, lambda run, named: run.window(named, first_step, last_step))

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` rows of each rank."""
        return self._of_each(None, lambda run, _: run.overview(rows))

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest rows of each rank."""
        return self._of_each(None, lambda run, _: run.tail(rows))

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what all ranks logged after ``cursor``, in the order of steps."""
        wanted = None if names is None else frozenset(names)
        places, restart = self._resume(cursor)
        prefixes = list(self._runs)
        logs = [
            run.pieces(_own(wanted, prefix), place)
            for (prefix, run), place in zip(self._runs.items(), places, strict=True)
        ]
        for segment, found in merged(logs):
            columns: dict[str, Series] = {}
            for at, piece in found.items():
                columns |= _renamed(prefixes[at], piece.series)
                places[at] = piece.place
            yield Batch(columns, segment, self._cursor(places), restart)
            restart = False
        if restart:
            yield Batch({}, 0, self._cursor(places), restart)

    def told(self) -> dict[str, object] | None:
        """Return what each rank's log told."""
        return {prefix: run.told() for prefix, run in self._runs.items()}

    def recall(self, told: Mapping[str, object]) -> None:
        """Take back what ``told`` returned."""
        for prefix, run in self._runs.items():
            one = told.get(prefix)
            if isinstance(one, dict):
                run.recall(cast("dict[str, object]", one))

    def _of_each(
        self,
        names: Iterable[str] | None,
        ask: Callable[[JsonlRun, frozenset[str] | None], Mapping[str, Series]],
    ) -> dict[str, Series]:
        wanted = None if names is None else frozenset(names)
        found: dict[str, Series] = {}
        for prefix, run in self._runs.items():
            own = _own(wanted, prefix)
            if own is None or own:
                found |= _renamed(prefix, ask(run, own))
        return found

    def _cursor(self, places: Sequence[Place]) -> str:
        few = len(places) <= MOST_RANKS
        return write_cursor(
            self._info.source,
            ranks=len(places),
            seen=sum(place.seen for place in places),
            print=self._print([place.seen for place in places], anew=False),
            at=packed(places) if few else "",
        )

    def _resume(self, cursor: str | None) -> tuple[list[Place], bool]:
        """Return where to go on in each log; at the beginnings if any of them was replaced."""
        starts = [START] * len(self._runs)
        if cursor is None:
            self._marks.clear()
            return starts, False
        state = read_cursor(cursor, self._info.source)
        count, kept = whole(state, "ranks"), state.get("at")
        if not isinstance(kept, str):
            raise ValueError("this cursor has no places")  # noqa: TRY004  as for any wrong cursor
        if count != len(starts):
            return starts, True
        if not kept:
            sizes = [size_of(run.log) for run in self._runs.values()]
            same = sum(sizes) == whole(state, "seen") and self._print(sizes) == state.get("print")
            ends = [Place(Position(), size, size) for size in sizes]
            return (ends, False) if same else (starts, True)
        places = unpacked(kept, count)
        same = self._print([place.seen for place in places]) == state.get("print")
        return (places, False) if same else (starts, True)

    def _print(self, seen: Iterable[int], *, anew: bool = True) -> int:
        """Return a checksum of what was read of each log, and of what its steps depend on."""
        if anew:
            self._marks.clear()
        marks: list[int] = []
        for (prefix, run), size in zip(self._runs.items(), seen, strict=True):
            if self._marks.get(prefix, (-1, 0))[0] != size:
                told = (size, fingerprint(run.info.path, size), *identity_of(run.log))
                self._marks[prefix] = size, crc32(repr(told).encode("utf-8", "replace"))
            marks.append(self._marks[prefix][1])
        return crc32(repr(marks).encode())


def _own(names: frozenset[str] | None, prefix: str) -> frozenset[str] | None:
    """Return the names of a rank among those that are wanted, as its log has them."""
    if names is None or not prefix:
        return names
    return frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def _renamed(prefix: str, series: Mapping[str, Series]) -> dict[str, Series]:
    if not prefix:
        return dict(series)
    return {prefix + name: replace(one, name=prefix + name) for name, one in series.items()}
