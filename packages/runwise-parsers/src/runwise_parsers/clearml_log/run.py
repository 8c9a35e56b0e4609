"""An offline session of ClearML: its events, read as a stream."""

from __future__ import annotations

import re
from array import array
from collections import deque
from typing import TYPE_CHECKING

from runwise_parsers.archive_log.run import EventRun
from runwise_parsers.clearml_log.events import (
    clock_in,
    events_in,
    is_monitor,
    name_of,
    point_of,
    single_value,
)
from runwise_parsers.clearml_log.place import place_of
from runwise_parsers.clearml_log.task import config_of
from runwise_parsers.gap import Gap
from runwise_parsers.series import Series
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runwise_parsers.archive_log.points import Point
    from runwise_parsers.archive_log.text import Text

_REPLACED = re.compile(rb"(NaN|inf) value encountered\. Reporting it as '([^'\\]{1,40})'")


class ClearmlRun(EventRun):
    """Reads the directory of a session, or its archive."""

    def locate(self) -> tuple[Text | None, tuple[Gap, ...]]:
        """Return the metrics."""
        self._place = place_of(self.info.path)
        return self._place.metrics, self._place.gaps

    def events(self, data: bytes) -> tuple[list[Mapping[str, object]], int, int]:
        """Return the events in lines, of the last line those that are whole."""
        return events_in(data)

    def point(self, event: Mapping[str, object]) -> tuple[Point | None, str]:
        """Return a scalar's point."""
        return point_of(event)

    def config(self) -> dict[str, object]:
        """Return the hyperparameters that were connected."""
        return config_of(self._place.task)

    def summary(self) -> dict[str, object]:
        """Return last values, and those that were reported once."""
        return dict(filter(None, map(single_value, self.all_events()))) | super().summary()

    def damage(self) -> tuple[Gap, ...]:
        """Return what ClearML replaced by a number: its log names the first and each 1000th."""
        found: dict[str, str] = {}
        for data, _ in self._log_blocks():
            for what, number in _REPLACED.findall(data):
                found[what.decode()] = number.decode("utf-8", "replace")
        remedy = "Logger.set_reporting_nan_value and set_reporting_inf_value choose another."
        return tuple(
            Gap(f"{what} that was logged", f"ClearML wrote {number} in its place", remedy)
            for what, number in found.items()
        )

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what was measured of the machine, by seconds since the run began."""
        wanted = None if names is None else frozenset(names)
        begun = self.info.created or 0.0
        found: dict[str, Series] = {}
        for event in filter(is_monitor, self.all_events()):
            name, value, clock = name_of(event), as_number(event.get("value")), clock_in(event)
            if value is None or clock is None or (wanted is not None and name not in wanted):
                continue
            one = found.setdefault(name, Series(name, times=array("d")))
            one.steps.append(clock - begun)
            one.values.append(value)
            if one.times is not None:
                one.times.append(clock)
        return found

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines that were printed, whatever the stream."""
        lines: deque[str] = deque(maxlen=max(0, last))
        for data, _ in self._log_blocks() if last > 0 else ():
            for event in events_in(data)[0]:
                printed = event.get("msg")
                if isinstance(printed, str):
                    lines.extend(line.rsplit("\r", 1)[-1] for line in _lines(printed))
        return list(lines)

    def _log_blocks(self) -> Iterator[tuple[bytes, int]]:
        if self._place.log is None:
            return
        try:
            yield from self._place.log.blocks()
        except OSError:
            return


def _lines(printed: str) -> list[str]:
    return printed.replace("\r\n", "\n").removesuffix("\n").split("\n")
