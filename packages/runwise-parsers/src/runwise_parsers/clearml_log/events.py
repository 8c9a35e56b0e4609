r"""The lines of ``metrics.jsonl`` and ``log.jsonl``: arrays of events, as they were flushed.

    [{"timestamp": 1795185815769, "type": "training_stats_scalar", "task": "offline-c386...",
      "iter": 0, "metric": "loss", "variant": "train", "value": 1.0, "method": "get"}, {...}]
    [{"timestamp": 1795185815673, "type": "log", "level": "info", "worker": "host",
      "msg": "printed\nlines"}]

A line may hold thousands of events: of one that is cut or damaged, those that are whole are
read. NaN and infinity are not in it: ClearML writes 0.0 for them, and says so in its log. An
iteration of -2**31 means a single value that belongs to no iteration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.values import as_number, loads

if TYPE_CHECKING:
    from runwise_parsers.archive_log.points import Point

Event = Mapping[str, object]
MONITOR = ":monitor:"
_SCALAR = "training_stats_scalar"
_NO_ITERATION = -(2**31)
_AROUND = b"[], \t\r\n"
"""What stands around the events of a line, of which a part may have been read before."""
_BORDER = re.compile(rb'\}, ?\{(?="\w+": ?)')
"""Between two events. Inside a text it cannot stand: there, a quote has a backslash before it."""


def events_in(data: bytes) -> tuple[list[Event], int, int]:
    """Return the events of whole lines, how many could not be read, and the bytes used.

    A last line without its end gives the events that are whole.
    """
    events: list[Event] = []
    lost = used = 0
    *whole, rest = data.split(b"\n")
    for at, line in enumerate((*whole, rest)):
        torn = at == len(whole)
        try:
            value: object = loads(line) if line.strip(_AROUND) else []
        except ValueError:
            found, bad, end = _salvaged(line, torn=torn)
        else:
            items = cast("list[object]", value) if isinstance(value, list) else [value]
            found = [cast("Event", one) for one in items if isinstance(one, dict)]
            bad, end = len(items) - len(found), len(line)
        events += found
        lost += bad
        used += end if torn else len(line) + 1
    return events, lost, used


def _salvaged(line: bytes, *, torn: bool) -> tuple[list[Event], int, int]:
    events: list[Event] = []
    lost = used = 0
    begin = max(0, line.find(b"{"))
    for border in (*_BORDER.finditer(line), None):
        end = border.start() + 1 if border else len(line)
        try:
            value = loads(line[begin:end].rstrip(_AROUND))
        except ValueError:
            value = None
        if isinstance(value, dict):
            events.append(cast("Event", value))
            used = end
        elif border or not torn:
            lost, used = lost + 1, end
        begin = border.end() - 1 if border else end
    return events, lost, used


def point_of(event: Event) -> tuple[Point | None, str]:
    """Return an event as a point, or the name of a metric it has no number for."""
    step = as_number(event.get("iter"))
    if event.get("type") != _SCALAR or step == _NO_ITERATION or is_monitor(event):
        return None, ""
    name, value = name_of(event), as_number(event.get("value"))
    if value is None:
        return None, name
    return (name, step, clock_in(event), value), ""


def single_value(event: Event) -> tuple[str, object] | None:
    """Return a value that was reported once, for the run as a whole."""
    if event.get("type") != _SCALAR or as_number(event.get("iter")) != _NO_ITERATION:
        return None
    return str(event.get("variant")), event.get("value")


def is_monitor(event: Event) -> bool:
    """Say whether an event is a measurement of the machine."""
    return str(event.get("metric")).startswith(MONITOR)


def name_of(event: Event) -> str:
    """Return a metric's name: title and series, or one of them where both are the same.

    What TensorBoard calls ``train/loss`` ClearML calls ``train``, ``loss``; what it calls
    ``loss`` is ``loss``, ``loss``.

    >>> name_of({"metric": "loss", "variant": "val"}), name_of({"metric": "lr", "variant": "lr"})
    ('loss/val', 'lr')
    """
    title, series = str(event.get("metric") or ""), str(event.get("variant") or "")
    return title if title == series or not series else f"{title}/{series}" if title else series


def clock_in(event: Event) -> float | None:
    """Return the time of an event as Unix seconds."""
    return clock_of(event.get("timestamp"))
