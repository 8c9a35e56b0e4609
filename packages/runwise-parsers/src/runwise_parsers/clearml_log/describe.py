"""A session as its task and the ends of its texts describe it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from runwise_parsers.clearml_log.events import clock_in, events_in, point_of
from runwise_parsers.clearml_log.place import FILES, METRICS, Place, is_closed, is_file, place_of
from runwise_parsers.clearml_log.task import command_of, text, tree
from runwise_parsers.gap import unreadable
from runwise_parsers.info import RunInfo, judge_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from runwise_parsers.archive_log.text import Text

    Event = Mapping[str, object]

_LOOKED_AT = (1 << 16, 1 << 20, 1 << 24)
"""Bytes at an end in which a point is looked for: plots may stand behind the last."""
_ENDS = {
    "completed": "finished",
    "closed": "finished",
    "published": "finished",
    "failed": "failed",
    "stopped": "killed",
}
_THEIRS = "ClearML "
_TRACE = "Traceback (most recent call last)"


def described(source: str, path: Path) -> RunInfo:
    """Return what the ends say. Never raises for what is in a file."""
    place = place_of(path)
    gaps = list(place.gaps)
    ends: list[Sequence[Event]] = []
    for one in (place.metrics, place.log):
        try:
            ends.append(_ends(one) if one else ())
        except OSError as error:
            gaps.append(unreadable(one.name if one else "", error))
            ends.append(())
    points = [point for one in ends[0] if (point := point_of(one)[0])]
    clocks = [clock for end in ends for one in end if (clock := clock_in(one)) is not None]
    newest, modified = max(clocks, default=None), _modified(path)
    task, hosts = place.task, (text(one.get("worker")) for one in ends[1])
    return RunInfo(
        source,
        _id(path, task),
        name=text(task.get("name")),
        state=_state(path, place, ends[1], newest, modified),
        created=min(clocks, default=None),
        updated=newest if newest is not None else modified,
        clocked=newest is not None,
        project=text(task.get("project_name")),
        job_type=text(task.get("type")),
        tags=_tags(task.get("tags")),
        notes=text(task.get("comment")),
        commit=text(tree(task.get("script")).get("version_num")),
        command=command_of(task),
        host=next(filter(None, hosts), ""),
        segments=(path,),
        last_step=max((point[1] or 0.0 for point in points), default=None),
        gaps=tuple(gaps),
    )


def _ends(text_of: Text) -> Sequence[Event]:
    """Return the first and last events, so many that a point is among the last."""
    found: list[Event] = []
    for size in _LOOKED_AT:
        begin, end = text_of.ends(size)
        last = events_in(end)[0]
        found = [*events_in(begin)[0], *last]
        if any(point_of(one)[0] for one in last) or len(end) < size or text_of.name != METRICS:
            break
    return found


def _state(
    path: Path, place: Place, log: Sequence[Event], newest: float | None, modified: float | None
) -> str:
    """Return how it went: a task that was closed finished, unless its last words say otherwise."""
    status = text(place.task.get("status"))
    if status in _ENDS:
        return _ENDS[status]
    if is_closed(path) and (place.metrics or place.log):
        return _last_words(log)
    return judge_state(
        None, recorded=newest is not None, newest=newest, modified=modified, now=time.time()
    )


def _last_words(log: Sequence[Event]) -> str:
    """Return how the script ended: an error that nobody caught is the last it printed."""
    for event in reversed(log):
        printed = text(event.get("msg")).rstrip()
        if printed.startswith(_THEIRS) or not printed:
            continue
        if event.get("level") != "error" or _TRACE not in printed:
            break
        return "killed" if printed.rpartition("\n")[2] == "KeyboardInterrupt" else "failed"
    return "finished"


def _id(path: Path, task: Mapping[str, object]) -> str:
    known = text(task.get("id"))
    return known if known and path.name.startswith(known) else ""


def _tags(value: object) -> tuple[str, ...]:
    tags = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(sorted(map(str, tags)))


def _modified(path: Path) -> float | None:
    """Return when any of the files was last written to."""
    times: list[float] = []
    for one in (path,) if is_file(path) else (path / name for name in FILES):
        with suppress(OSError):
            times.append(one.stat().st_mtime)
    return max(times, default=None)
