"""A run read as a stream of points.

For formats without an index, most of which are written once, when a run ends or is exported.
Memory is bounded by a piece, and by the columns that are asked for. What is new is found by
reading all again, unless a format says that it grows.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from runwise_parsers.archive_log.points import Point, Walk, columns_of, thinned
from runwise_parsers.cursor import read_cursor, whole, write_cursor
from runwise_parsers.run import Run
from runwise_parsers.series import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_parsers.info import RunInfo
    from runwise_parsers.series import Series

Place = dict[str, object]
"""What a cursor keeps, to know what was read when it is met again."""


class PointRun(Run):
    """Answers from ``pieces``. A format adds what it knows besides: ``config``, ``gaps``."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info
        self._last: dict[str, float] | None = None

    @abstractmethod
    def pieces(self, start: Place | None) -> Iterator[tuple[Iterable[Point], Place]]:
        """Yield the points in bounded pieces, in the order of the log, and the place behind.

        They begin behind ``start``, which is only given where ``goes_on`` said so.
        """

    @abstractmethod
    def is_same(self, place: Place) -> bool:
        """Say whether what stands before a place is what stood there when it was handed out."""

    def goes_on(self, place: Place) -> bool:
        """Say whether reading can begin at a place."""
        del place
        return False

    def refresh(self) -> None:
        """Look at the files anew: somebody wants to know what is new in them."""

    @property
    def info(self) -> RunInfo:
        """What was said when the run was found."""
        return self._info

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics in the order of the log."""
        return tuple(self._known())

    def summary(self) -> dict[str, object]:
        """Return the last value of every metric."""
        return dict(self._known())

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield the points behind those already seen; all again if these were changed."""
        wanted = None if names is None else frozenset(names)
        state = None if cursor is None else read_cursor(cursor, self._info.source)
        done = 0 if state is None else whole(state, "points")
        self.refresh()
        restart = state is not None and done > 0 and not self.is_same(state)
        done = 0 if restart else done
        anew = state is None or not done or not self.goes_on(state)
        last = {} if anew else dict(self._last or {})
        place: Place = {}
        for points, segment, place, count in self._passed(None if anew else state):
            if wanted is None:
                last.update((name, value) for name, _, _, value in points)
            if count <= done:
                continue
            new = points[max(0, done - count + len(points)) :]
            yield Batch(columns_of(new, wanted), segment, self._cursor(place, count), restart)
            restart = False
        if restart:
            yield Batch({}, 0, self._cursor(place, 0), restart)
        if wanted is None and (anew or self._last is not None):
            self._last = last

    def overview(self, rows: int) -> dict[str, Series]:
        """Return ``rows`` evenly spread points of each metric, first and last included."""
        return {name: thinned(one, max(2, rows)) for name, one in self.series().items()}

    def tail(self, rows: int) -> dict[str, Series]:
        """Return the points of the newest ``rows`` steps."""
        kept: dict[tuple[int, float], list[Point]] = {}
        for points, segment, _, _ in self._passed() if rows > 0 else ():
            for point in points:
                kept.setdefault((segment, point[1] or 0.0), []).append(point)
            if len(kept) > 4 * rows:
                kept = {key: kept[key] for key in sorted(kept)[-rows:]}
        newest = sorted(kept)[-rows:] if rows > 0 else []
        return columns_of((point for key in newest for point in kept[key]), None)

    def _known(self) -> dict[str, float]:
        if self._last is None:
            for _ in self.batches():
                pass
        return self._last or {}

    def _passed(self, start: Place | None = None) -> Iterator[tuple[list[Point], int, Place, int]]:
        """Yield points, their segment, the place behind their piece, and the points so far."""
        walk = Walk() if start is None else Walk.at(start)
        count = 0 if start is None else whole(start, "points")
        for piece, place in self.pieces(start):
            parts = list(walk.stepped(piece))
            for number, (points, segment) in enumerate(parts, start=1):
                count += len(points)
                behind = place | walk.kept() if number == len(parts) else place
                yield points, segment, behind, count

    def _cursor(self, place: Place, points: int) -> str:
        return write_cursor(self._info.source, **place, points=points)
