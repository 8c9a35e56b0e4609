"""One run of an export: its points batch by batch, its parameters, what it printed."""

from __future__ import annotations

import struct
from array import array
from collections import deque
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_neptune.described import SINGLE, VALUES, value_at
from runwise_neptune.parts import Parts, clocks, steps, texts
from runwise_parsers import Series
from runwise_parsers.archive_log.nested import nested
from runwise_parsers.archive_log.point_run import PointRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_parsers import Gap, RunInfo
    from runwise_parsers.archive_log.points import Point

MACHINE = "monitoring/"
"""How the names of Neptune's own measurements of the machine begin."""
_THEIRS = ("sys/", MACHINE, "source_code/")
_STREAMS = ("stdout", "stderr")
_NAN = float("nan")


class NeptuneRun(PointRun):
    """Reads the parts of a run."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info)
        self._parts = Parts(info.segments)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        return tuple(dict.fromkeys((*self.info.gaps, *self._parts.gaps)))

    def pieces(
        self, start: dict[str, object] | None
    ) -> Iterator[tuple[Iterable[Point], dict[str, object]]]:
        """Yield the points of the run's own metrics, and the checksum of all so far."""
        del start  # exports do not grow
        count = mark = 0
        for every in self._points():
            points = [point for point in every if not point[0].startswith(MACHINE)]
            for point in points:
                mark = _marked(point, mark)
            count += len(points)
            yield points, {"upto": count, "print": mark}

    def is_same(self, place: dict[str, object]) -> bool:
        """Say whether the points before a place are what they were."""
        count = mark = 0
        for points in self._points():
            for point in points:
                if point[0].startswith(MACHINE):
                    continue
                count, mark = count + 1, _marked(point, mark)
                if count == place.get("upto"):
                    return mark == place.get("print")
        return False

    def config(self) -> dict[str, object]:
        """Return the single values the run logged; Neptune's own are left out."""
        pairs: dict[str, object] = {}
        for batch in self._parts.batches(("attribute_path", *VALUES), self.info.id, SINGLE):
            names, kinds = texts(batch, "attribute_path"), texts(batch, "attribute_type")
            for row, (name, kind) in enumerate(zip(names, kinds, strict=True)):
                value = value_at(batch, kind, row)
                if value is not None and not name.startswith(_THEIRS):
                    pairs[name] = value
        return nested(pairs, "/")

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what was measured of the machine, by seconds since the run began."""
        wanted = None if names is None else frozenset(names)
        begun = self.info.created or 0.0
        found: dict[str, Series] = {}
        for points in self._points():
            for path, _, clock, value in points:
                name = path.removeprefix(MACHINE)
                if name == path or clock is None or (wanted is not None and name not in wanted):
                    continue
                one = found.setdefault(name, Series(name, times=array("d")))
                one.steps.append(clock - begun)
                one.values.append(value)
                if one.times is not None:
                    one.times.append(clock)
        return found

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines of both streams."""
        lines: deque[str] = deque(maxlen=max(0, last))
        columns = ("attribute_path", "string_value")
        for batch in self._parts.batches(columns, self.info.id, ("string_series",)):
            names, printed = texts(batch, "attribute_path"), texts(batch, "string_value")
            for name, line in zip(names, printed, strict=True):
                if name.rpartition("/")[2] in _STREAMS:
                    lines.extend(line.rstrip("\r\n").split("\n"))
        return list(lines)

    def _points(self) -> Iterator[list[Point]]:
        columns = ("attribute_path", "step", "timestamp", "float_value")
        for batch in self._parts.batches(columns, self.info.id, ("float_series",)):
            values = (_NAN if one is None else one for one in batch["float_value"].to_pylist())
            names = texts(batch, "attribute_path")
            yield list(zip(names, steps(batch), clocks(batch), values, strict=True))


def _marked(point: Point, mark: int) -> int:
    name, step, _, value = point
    data = struct.pack("<2d", step or 0.0, value)
    return crc32(data, crc32(name.encode("utf-8", "replace"), mark))
