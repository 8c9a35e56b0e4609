"""An experiment as its archive's ends describe it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.axes import clock_of
from runwise_parsers.comet_log.messages import clock_in, items, point_of, tree
from runwise_parsers.comet_log.place import MESSAGES, Place, key_of, place_of
from runwise_parsers.gap import unreadable
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.json_log.rows import parse
from runwise_parsers.lines import WINDOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from runwise_parsers.archive_log.text import Text

    Message = Mapping[str, object]

_LOOKED_AT = (WINDOW, WINDOW << 4)
"""Bytes at an end in which a point is looked for: what was printed may stand behind the last."""


def described(source: str, paths: Sequence[Path]) -> RunInfo:
    """Return what the archives of an experiment say: of one that was resumed, there are several.

    Never raises for what is in a file.
    """
    first, *later = sorted((_described(source, path) for path in paths), key=_began)
    for one in later:
        steps = [step for step in (first.last_step, one.last_step) if step is not None]
        first = replace(
            first,
            state=one.state,
            updated=one.updated,
            clocked=one.clocked,
            name=first.name or one.name,
            project=first.project or one.project,
            tags=tuple(sorted({*first.tags, *one.tags})),
            segments=first.segments + one.segments,
            last_step=max(steps, default=None),
            gaps=tuple(dict.fromkeys(first.gaps + one.gaps)),
        )
    return first


def _began(info: RunInfo) -> tuple[bool, float]:
    """Return when a part of it began; one that does not say comes last."""
    return info.created is None, info.created or 0.0


def _described(source: str, path: Path) -> RunInfo:
    place = place_of(path)
    told, gaps = place.experiment, list(place.gaps)
    head: Sequence[Message] = ()
    tail: Sequence[Message] = ()
    try:
        head, tail = _ends(place.text) if place.text else ((), ())
    except OSError as error:
        gaps.append(unreadable(MESSAGES, error))
    steps = [point[1] for one in (*head, *tail) if (point := point_of(one)[0])]
    clocks = [clock_in(tree(one.get("payload"))) for one in (*head[:64], *tail)]
    known = [clock for clock in clocks if clock is not None]
    began, ended = clock_of(told.get("start_time")), clock_of(told.get("stop_time"))
    newest = max([*known, *(one for one in (ended,) if one is not None)], default=None)
    modified = None
    with suppress(OSError):
        modified = path.stat().st_mtime
    facts = _facts(head)
    return RunInfo(
        source,
        key_of(path) if told else "",
        name=facts.get("name", ""),
        state=_state(place, newest, modified),
        created=began if began is not None else min(known, default=None),
        updated=newest if newest is not None else modified,
        clocked=newest is not None,
        project=_text(told.get("project_name")),
        group=_text(told.get("workspace")),
        tags=tuple(sorted(map(str, items(told.get("tags"))))),
        commit=facts.get("commit", ""),
        command=facts.get("command", ""),
        host=facts.get("host", ""),
        segments=(path,),
        last_step=max((step or 0.0 for step in steps), default=None),
        gaps=tuple(gaps),
    )


def _ends(text: Text) -> tuple[Sequence[Message], Sequence[Message]]:
    """Return the first messages and the last, so many of these that a point is among them."""
    first: Sequence[Message] = ()
    last: Sequence[Message] = ()
    for size in _LOOKED_AT:
        begin, end = text.ends(size)
        first = parse(begin[: begin.rfind(b"\n") + 1])[0]
        last = parse(end if len(end) < size else end[end.find(b"\n") + 1 :])[0]
        if any(point_of(one)[0] for one in last) or len(end) < size:
            break
    return first, last


def _state(place: Place, newest: float | None, modified: float | None) -> str:
    """Return how it went; without a word on its end, an archive that was made says nothing."""
    told = place.experiment
    if told.get("customer_error_reported") is True:
        return (
            "killed"
            if "KeyboardInterrupt" in str(told.get("customer_error_message"))
            else "failed"
        )
    if clock_of(told.get("stop_time")) is not None:
        return "finished"
    if place.text is None or place.gaps:
        return "unknown"
    return judge_state(
        None, recorded=newest is not None, newest=newest, modified=modified, now=time.time()
    )


def _facts(head: Sequence[Message]) -> dict[str, str]:
    """Return name, command, host and commit."""
    facts: dict[str, str] = {}
    for one in head:
        payload, kind = tree(one.get("payload")), one.get("type")
        if kind == "log_other" and payload.get("key") == "Name":
            facts["name"] = _text(payload.get("value"))
        elif kind == "system_details":
            facts["command"] = " ".join(map(str, items(payload.get("command"))))
            facts["host"] = _text(payload.get("hostname"))
        elif kind == "git_metadata":
            facts["commit"] = _text(tree(payload.get("git_metadata")).get("parent"))
    return facts


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
