"""An offline experiment of Comet: its messages, read as a stream."""

from __future__ import annotations

from array import array
from collections import deque
from typing import TYPE_CHECKING

from runwise_parsers.archive_log.chain import Chain
from runwise_parsers.archive_log.nested import nested
from runwise_parsers.archive_log.run import EventRun
from runwise_parsers.comet_log.messages import (
    other_of,
    parameter_of,
    point_of,
    system_of,
    tree,
)
from runwise_parsers.comet_log.place import place_of
from runwise_parsers.json_log.rows import parse
from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runwise_parsers.archive_log.points import Point
    from runwise_parsers.archive_log.text import Text
    from runwise_parsers.gap import Gap

_THEIRS = "COMET INFO:"
_LONGEST = 1 << 16


class CometRun(EventRun):
    """Reads an archive, or the messages of an experiment that goes on."""

    def locate(self) -> tuple[Text | None, tuple[Gap, ...]]:
        """Return the messages of all archives, one behind the other."""
        places = [place_of(path) for path in self.info.segments]
        texts = [place.text for place in places if place.text is not None]
        gaps = tuple(gap for place in places for gap in place.gaps)
        return (Chain(texts) if len(texts) > 1 else texts[0] if texts else None), gaps

    def events(self, data: bytes) -> tuple[list[Mapping[str, object]], int, int]:
        """Return messages; a last line that is no JSON is one that is being written."""
        rows, bad = parse(data)
        if bad and not data.endswith(b"\n"):
            return [], 0, 0
        return rows, bad, len(data)

    def point(self, event: Mapping[str, object]) -> tuple[Point | None, str]:
        """Return a metric's point, and each new epoch as one of ``curr_epoch``."""
        return point_of(event)

    def config(self) -> dict[str, object]:
        """Return the hyperparameters; of one that was logged again, the last value."""
        return nested(dict(filter(None, map(parameter_of, self.all_events()))), "|")

    def summary(self) -> dict[str, object]:
        """Return last values, and what was noted besides (``log_other``)."""
        others = dict(filter(None, map(other_of, self.all_events())))
        return others | super().summary()

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what was measured of the machine, by seconds since the run began."""
        wanted = None if names is None else frozenset(names)
        begun = self.info.created or 0.0
        found: dict[str, Series] = {}
        for name, clock, value in filter(None, map(system_of, self.all_events())):
            if wanted is None or name in wanted:
                one = found.setdefault(name, Series(name, times=array("d")))
                one.steps.append(clock - begun)
                one.values.append(value)
                if one.times is not None:
                    one.times.append(clock)
        return found

    def console(self, last: int = 50) -> list[str]:
        """Return the last printed lines; what Comet itself tells of its work is left out."""
        lines: deque[str] = deque(maxlen=max(0, last))
        open_lines = {False: "", True: ""}
        for event in self.all_events() if last > 0 else ():
            payload = tree(event.get("payload"))
            output = payload.get("output")
            if not isinstance(output, str):
                continue
            stream = payload.get("stderr") is True
            *whole, rest = (open_lines[stream] + output).split("\n")
            lines.extend(line for line in map(_shown, whole) if not line.startswith(_THEIRS))
            open_lines[stream] = rest[-_LONGEST:]
        lines.extend(_shown(rest) for rest in open_lines.values() if rest)
        return list(lines)


def _shown(line: str) -> str:
    return line.removesuffix("\r").rsplit("\r", 1)[-1]
