"""What a curve is drawn over: steps, time, epochs, or any other metric."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

from runwise.curves import is_internal
from runwise.errors import BadSetting
from runwise.history import no_metric
from runwise_parsers import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.curves import Study
    from runwise.stretches import Stretch

STEP = "step"
TIME = "time"
EPOCH = "epoch"


def needs(x: str) -> tuple[str, ...]:
    """Return the patterns of what to read for an axis: all metrics, and it, if it is internal."""
    return ("*", x) if is_internal(x) else ()


def axis_of(x: str, known: Study) -> str:
    """Return the name of the axis: ``step``, ``time`` (seconds) or a metric's.

    Raises ``BadSetting`` where the run has no such axis, ``NoSuchMetric`` where it is no metric.
    """
    if x in known.curves or x == STEP:
        return x
    if x == TIME:
        if any(one.series.times is None for one in known.curves.values()):
            raise BadSetting("--x time: the log keeps no clock", "Use --x step.")
        return x
    if x == EPOCH:
        epochs = known.with_role(EPOCH)
        if not epochs:
            raise BadSetting("--x epoch: the run logged no epoch", "Use --x step or --x time.")
        return epochs[0].name
    raise no_metric(x, list(known.curves))


def over(whole: Sequence[Stretch], axis: str, names: Sequence[str]) -> tuple[list[Stretch], int]:
    """Return curves whose steps are places on the axis, and how many points have none.

    Between two points of the axis its earlier value holds.
    """
    if axis == STEP:
        return [_only(one, names) for one in whole], 0
    clocks = [one.times[0] for part in whole for one in part.values() if one.times]
    begin = min(clocks, default=0.0)
    lost = 0
    moved: list[Stretch] = []
    for stretch in whole:
        part: Stretch = {}
        for name, one in _only(stretch, names).items():
            places = _seconds(one, begin) if axis == TIME else _looked_up(one, stretch.get(axis))
            part[name] = _sorted(one, places)
            lost += len(one) - len(part[name])
        moved.append({name: one for name, one in part.items() if len(one)})
    return moved, lost


def _only(stretch: Stretch, names: Sequence[str]) -> Stretch:
    return {name: stretch[name] for name in names if name in stretch}


def _seconds(one: Series, begin: float) -> list[float | None]:
    return [time - begin for time in one.times or ()]


def _looked_up(one: Series, axis: Series | None) -> list[float | None]:
    if axis is None:
        return [None] * len(one)
    places = [bisect_right(axis.steps, step) for step in one.steps]
    return [axis.values[place - 1] if place else None for place in places]


def _sorted(one: Series, places: Sequence[float | None]) -> Series:
    """Return a curve in the order of its places; a place that is not a number is none."""
    found = [
        (place, value)
        for place, value in zip(places, one.values, strict=True)
        if place is not None and place - place == 0
    ]
    found.sort(key=lambda pair: pair[0])
    steps = array("d", (place for place, _ in found))
    return Series(one.name, steps, array("d", (value for _, value in found)))


def labels(axis: str, roles: Mapping[str, str]) -> tuple[str, str, str]:
    """Return key, label and unit of the axis' column."""
    if axis == TIME:
        return TIME, TIME, "s"
    return (EPOCH if roles.get(axis) == EPOCH else axis), axis, ""
