"""Records of SwanLab 0.6 and 0.7 (``backup.swanlab``): a JSON object and a line end each.

    {"model_type": "Header", "data": {"backup_type": "DEFAULT", "create_time": ISO 8601}}
    {"model_type": "Project", "data": {"name": ..., "workspace": ..., "public": ...}}
    {"model_type": "Experiment", "data": {"id": ..., "name": ..., "description": ..., "tags": []}}
    {"model_type": "Column", "data": {"key": ..., "cls": "CUSTOM" | "SYSTEM", "error": ...}}
    {"model_type": "Scalar", "data": {"metric": {"index": 3, "data": 0.5, "create_time": ...},
                                      "key": ..., "step": 3, "epoch": 4}}
    {"model_type": "Media", "data": {"metric": {"data": [...], ...}, "key": ..., "step": ...}}
    {"model_type": "Log", "data": {"create_time": ..., "message": ..., "level": "INFO"}}
    {"model_type": "Footer", "data": {"create_time": ..., "success": true}}

NaN is the text "NaN"; both infinities are the text "INF", so that their sign is lost. A metric
whose first value was no number has a column with an ``error`` and no scalars. After an interrupt
``success`` is false as after an error; a printed line tells them apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.swanlab_log.entries import Begin, End, Line, Other, Point
from runwise_parsers.values import as_number, loads

if TYPE_CHECKING:
    from runwise_parsers.swanlab_log.entries import Entry

    Tree = dict[str, object]

_INFINITE = {"INF": float("inf"), "-INF": float("-inf")}


def entry_of(record: bytes) -> Entry | None:
    """Return what a record says, ``None`` if that is nothing for us.

    Raises ``ValueError`` where the bytes are no JSON.
    """
    tree = tree_of(loads(record))
    data = tree_of(tree.get("data"))
    kind = tree.get("model_type")
    if kind == "Scalar":
        return _scalar(data)
    if kind == "Log":
        return Line(_text(data, "message"), clock_of(data.get("create_time")))
    if kind == "Media":
        return Other(_text(data, "key"), "media")
    if kind == "Column":
        error = tree_of(data.get("error"))
        return Other(_text(data, "key"), _text(error, "data_class") or "text") if error else None
    if kind == "Footer":
        state = "finished" if data.get("success") is True else "failed"
        return End(state, time=clock_of(data.get("create_time")))
    return _begin(kind, data)


def number_of(value: object) -> float | None:
    """Return a number as SwanLab's JSON has it, ``None`` if it is none."""
    return _INFINITE[value] if isinstance(value, str) and value in _INFINITE else as_number(value)


def tree_of(value: object) -> Tree:
    """Return a JSON object, an empty one for anything else."""
    return cast("Tree", value) if isinstance(value, dict) else {}


def _scalar(data: Tree) -> Entry | None:
    metric = tree_of(data.get("metric"))
    step = as_number(data.get("step", metric.get("index")))
    value = number_of(metric.get("data"))
    key = data.get("key")
    if step is None or value is None or not isinstance(key, str):
        return None
    return Point(key, step, clock_of(metric.get("create_time")), value)


def _begin(kind: object, data: Tree) -> Begin | None:
    if kind == "Header":
        return Begin({}, created=clock_of(data.get("create_time")))
    if kind == "Project":
        return Begin({"project": _text(data, "name"), "workspace": _text(data, "workspace")})
    if kind == "Experiment":
        named = {"name": "name", "notes": "description", "id": "id"}
        tags = data.get("tags")
        return Begin(
            {own: _text(data, key) for own, key in named.items()},
            tuple(map(str, cast("list[object]", tags))) if isinstance(tags, list) else (),
        )
    return None


def _text(tree: Tree, key: str) -> str:
    value = tree.get(key)
    return value if isinstance(value, str) else ""
