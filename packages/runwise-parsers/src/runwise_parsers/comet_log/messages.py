"""What the messages of an offline experiment say, one JSON object a line.

    {"payload": {"local_timestamp": 1795185795728, "message_id": 41, "metric": {"epoch": 0,
        "metricName": "loss", "metricValue": 0.5, "step": 5}}, "type": "metric_msg"}
    {"payload": {..., "param": {"paramName": "model|depth", "paramValue": 3,
        "source": "manual", "step": null}}, "type": "parameter_msg"}
    {"payload": {"key": "Name", "message_id": 12, "value": "first"}, "type": "log_other"}
    {"payload": {..., "output": "hello", "stderr": false}, "type": "standard_output"}
    system_details{command hostname}  git_metadata{git_metadata{parent branch}}  file_upload ...

NaN and infinity are texts ("NaN", "-Infinity"), other values that are no numbers too ("True").
A metric without a step gets the newest one of any metric; the very first ones have none. Times
are milliseconds. The epoch is told by a parameter, ``curr_epoch``, whenever it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from runwise_parsers.archive_log.points import Point

Tree = Mapping[str, object]
SYSTEM = "sys."
_EPOCH, _STEP = "curr_epoch", "curr_step"
_DURATION = "process duration"
_THEIRS = frozenset({"Name", "offline_experiment", "hasNestedParams", "Created from"})
_TRUTH = {"True": 1.0, "False": 0.0}


def point_of(message: Tree) -> tuple[Point | None, str]:
    """Return a message as a point of a metric, or the name of one it has no number for."""
    payload = tree(message.get("payload"))
    metric = tree(payload.get("metric"))
    name = metric.get("metricName")
    if isinstance(name, str):
        if name.startswith(SYSTEM) or name == _DURATION:
            return None, ""
        value = _number(metric.get("metricValue"))
    else:
        metric = tree(payload.get("param"))
        name, value = metric.get("paramName"), _number(metric.get("paramValue"))
        if name != _EPOCH or value is None:
            return None, ""
        name = _EPOCH
    if value is None:
        return None, name
    return (name, as_number(metric.get("step")), clock_in(payload), value), ""


def system_of(message: Tree) -> tuple[str, float, float] | None:
    """Return a measurement of the machine: name, Unix seconds, value."""
    payload = tree(message.get("payload"))
    metric = tree(payload.get("metric"))
    name, value = metric.get("metricName"), _number(metric.get("metricValue"))
    clock = clock_in(payload)
    if not isinstance(name, str) or not name.startswith(SYSTEM) or None in (value, clock):
        return None
    return name, cast("float", clock), cast("float", value)


def parameter_of(message: Tree) -> tuple[str, object] | None:
    """Return a hyperparameter and its value."""
    param = tree(tree(message.get("payload")).get("param"))
    name = param.get("paramName")
    if not isinstance(name, str) or name in (_EPOCH, _STEP):
        return None
    return name, param.get("paramValue")


def other_of(message: Tree) -> tuple[str, object] | None:
    """Return what was noted of a run besides metrics, the tracker's own notes left out."""
    payload = tree(message.get("payload"))
    metric = tree(payload.get("metric"))
    if metric.get("metricName") == _DURATION:
        return _DURATION, metric.get("metricValue")
    key, value = payload.get("key"), payload.get("value")
    known = message.get("type") == "log_other" and isinstance(key, str) and key not in _THEIRS
    return (cast("str", key), value) if known and not isinstance(value, (list, dict)) else None


def clock_in(payload: Tree) -> float | None:
    """Return the time of a message as Unix seconds."""
    return clock_of(payload.get("local_timestamp"))


def items(value: object) -> list[object]:
    """Return a list of JSON, an empty one where there is none."""
    return cast("list[object]", value) if isinstance(value, list) else []


def tree(value: object) -> Tree:
    """Return an object of JSON, an empty one where there is none."""
    return cast("Tree", value) if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    number = as_number(value)
    if number is None and isinstance(value, str):
        if value in _TRUTH:
            return _TRUTH[value]
        try:
            return None if "_" in value else float(value)
        except ValueError:
            return None
    return number
