"""What is new of a run, as a line for a person or an agent, or as JSON for a program."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from runwise import words
from runwise.curves import TELLING_ROLES, roles_of
from runwise.following import End
from runwise.reports import parts
from runwise.watching import Found, Rows, Watched
from runwise_format.numbers import short as digits
from runwise_format.safety import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 6
"""Metrics of a row that have room on a line."""
COLOURS = {"warning": "\x1b[33m", "critical": "\x1b[31m", "val": "\x1b[36m", "dim": "\x1b[2m"}
RESET = "\x1b[0m"
Event = Watched | Rows | Found | End


def line_of(event: Event, shown: Sequence[str] = (), *, colour: bool = False) -> str:
    """Return a line; of a row the metrics ``shown``, the most telling for none."""
    if isinstance(event, Watched):
        info = event.info
        last = "" if info.last_step is None else f", step {words.step(info.last_step)}"
        return clean(f"{parts.label(info)} {parts.state(info)}{last}")
    if isinstance(event, Rows):
        return _row(event, shown, colour=colour)
    if isinstance(event, Found):
        group = event.group
        said = f"! {group.severity} {group.kind} {group.metric} {group.first.message}"
        return _dyed(clean(said), group.severity if colour else "")
    return clean(f"end: {event.reason}")


def json_of(event: Event, shown: Sequence[str] = ()) -> str:
    """Return an event as one line of JSON."""
    return json.dumps(_plain(event, shown), separators=(",", ":"), ensure_ascii=False)


def chosen(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return the metrics to show: those wanted, or a few that say most."""
    if wanted:
        return [name for name in wanted if name in names]
    roles = roles_of(names, {})
    telling = [name for role in TELLING_ROLES for name in names if roles.get(name) == role]
    others = sorted(name for name in names if name not in telling)
    return [*telling, *others][:SHOWN]


def _row(event: Rows, shown: Sequence[str], *, colour: bool) -> str:
    names = chosen(list(event.metrics), shown)
    cells = [f"{clean(name)} {digits(event.metrics[name])}" for name in names]
    if colour:
        cells = [
            _dyed(cell, "val" if _val(name) else "")
            for cell, name in zip(cells, names, strict=True)
        ]
    more = f" (+{event.rows - 1} rows)" if event.rows > 1 else ""
    step = _dyed(f"step {words.step(event.step)}{more}", "dim" if colour else "")
    return " ".join([step, *cells])


def _val(name: str) -> bool:
    return name.lower().startswith(("val", "eval", "test"))


def _dyed(text: str, colour: str) -> str:
    return f"{COLOURS[colour]}{text}{RESET}" if colour in COLOURS else text


def _plain(event: Event, shown: Sequence[str]) -> dict[str, Any]:
    if isinstance(event, Watched):
        info = event.info
        called = {"id": clean(info.id), "name": clean(info.name)}
        state = {"event": "run", **called, "state": info.state}
        return {**state, "step": info.last_step, "metrics": _finite(event.last, shown)}
    if isinstance(event, Rows):
        row = {"event": "rows", "rows": event.rows, "step": event.step, "time": event.time}
        return {**row, "metrics": _finite(event.metrics, shown)}
    if isinstance(event, Found):
        group = event.group
        return {
            "event": "finding", "severity": group.severity, "kind": group.kind,
            "metric": clean(group.metric), "step": group.first.onset_step,
            "message": clean(group.first.message), "advice": group.first.advice,
            "count": group.count,
        }  # fmt: skip
    return {"event": "end", "code": event.code, "reason": event.reason}


def _finite(metrics: Any, shown: Sequence[str]) -> dict[str, float | str]:
    """Return values as JSON has them: ``"NaN"`` and ``"Infinity"`` are texts."""
    return {
        clean(name): value if math.isfinite(value) else _named(value)
        for name, value in metrics.items()
        if not shown or name in shown
    }


def _named(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
