"""``metrics.json``: all points of all metrics, written anew whenever there are new ones.

    {
      "training.loss": {
        "steps": [0, 1, 2],
        "timestamps": ["2024-01-01T12:00:00.123456", ...],      UTC
        "values": [2.31, NaN, 1.98]
      }, ...
    }

``log_scalar`` takes any step, or counts for each metric by itself, so steps of one metric need
not be steps of another. Of a file that is cut, the metrics before the cut are read, and of the
last one the values that are whole.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.interleave import Curve
from runwise_parsers.values import as_number, loads
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

METRICS = "metrics.json"
_NAME = rb'^  "((?:[^"\\\n]|\\.)*)":\s*'
_LIST = rb":\s*\[([^][{]*)\]\s*,\s*"
_METRIC = re.compile(
    _NAME + rb'\{\s*"steps"' + _LIST + rb'"timestamps"' + _LIST + rb'"values":\s*\[([^][{]*)',
    re.MULTILINE,
)
_NAMED = 3


@dataclass(slots=True)
class Points:
    """What was read of a run's metrics; ``gaps`` say what was not."""

    curves: list[Curve] = field(default_factory=list[Curve])
    gaps: list[Gap] = field(default_factory=list[Gap])

    @property
    def last_step(self) -> float | None:
        """The newest step of any metric."""
        return max((curve.steps[-1] for curve in self.curves if curve.steps), default=None)


def load_points(run: Path) -> Points:
    """Read ``metrics.json`` of a run's directory; there is none before something is logged."""
    try:
        data = read_whole(run / METRICS)
    except FileNotFoundError:
        return Points()
    except OSError as error:
        return Points(gaps=[unreadable(METRICS, error)])
    if data.startswith(LFS_POINTER):
        return Points(gaps=[lfs_pointer(METRICS)])
    try:
        value = loads(data)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return _points(cast("dict[str, object]", value))
    found = _points(_salvaged(data))
    because = "it is cut short or damaged"
    found.gaps.append(Gap(f"part of {METRICS}", because, "What stands before that was read."))
    return found


def _points(metrics: dict[str, object]) -> Points:
    points = Points()
    lost: dict[str, int] = {}
    for name, one in metrics.items():
        columns = cast("dict[str, object]", one) if isinstance(one, dict) else {}
        values = _list(columns, "values")
        curve = _curve(name, _list(columns, "steps"), values, _list(columns, "timestamps"))
        missing = max(len(values), int(not columns)) - len(curve.values)
        if missing:
            lost[name] = missing
        if curve.values:
            points.curves.append(curve)
    if lost:
        more = len(lost) - _NAMED
        where = ", ".join([*lost][:_NAMED]) + (f" and {more} more" if more > 0 else "")
        count = sum(lost.values())
        what = f"{count} point{'s' if count > 1 else ''} of {where}"
        points.gaps.append(Gap(what, "there is no number", "All other points were read."))
    return points


def _curve(
    name: str, steps: Sequence[object], values: Sequence[object], times: Sequence[object]
) -> Curve:
    curve = Curve(name)
    for at, value in enumerate(values):
        number, step = _number(value), as_number(steps[at]) if at < len(steps) else None
        if number is None or step is None or not math.isfinite(step):
            continue
        curve.steps.append(step)
        curve.values.append(number)
        clock = clock_of(times[at]) if at < len(times) else None
        if clock is not None:
            curve.times.append(clock)
    return curve


def _number(value: object) -> float | None:
    """Return a value as a number; a NumPy scalar of old versions is an object that holds it."""
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("value")
    return as_number(value)


def _list(columns: dict[str, object], key: str) -> list[object]:
    found = columns.get(key)
    return cast("list[object]", found) if isinstance(found, list) else []


def _salvaged(data: bytes) -> dict[str, object]:
    metrics: dict[str, object] = {}
    for found in _METRIC.finditer(data):
        name, steps, times, values = found.groups()
        closed = data[found.end() : found.end() + 1] == b"]"
        metrics[_name(name)] = {
            "steps": _items(steps),
            "timestamps": _items(times),
            "values": _items(values if closed else values.rpartition(b",")[0]),
        }
    return metrics


def _items(text: bytes) -> list[object]:
    """Return the items of a list up to the first that is damaged: behind it, none is sure."""
    items: list[object] = []
    for item in text.split(b",") if text.strip() else ():
        try:
            items.append(loads(item.strip()))
        except ValueError:
            break
    return items


def _name(text: bytes) -> str:
    try:
        return str(loads(b'"' + text + b'"'))
    except ValueError:
        return text.decode("utf-8", "replace")
