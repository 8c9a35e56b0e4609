"""A run as head and tail of what it printed describe it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.console_log.log import ConsoleLog
from runwise_parsers.console_log.reader import CLOCK, STEP
from runwise_parsers.console_log.sample import SAMPLE
from runwise_parsers.gap import unreadable
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.lines import last_lines
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from runwise_parsers.console_log.view import View

_SMALL = 1 << 22
"""Bytes of a log that are read for its last step where no line says it."""


def described(source: str, view: View) -> RunInfo:
    """Return what both ends of a text log say. Never raises for what is in the file."""
    info = RunInfo(source, "", segments=(view.path,))
    log = ConsoleLog(view)
    try:
        modified = view.stat().st_mtime
        trouble = log.trouble()
        if trouble is not None:
            return replace(info, updated=modified, clocked=False, gaps=(trouble,))
        return _described(info, log, modified)
    except OSError as error:
        return replace(info, gaps=(unreadable(view.name, error),))


def _described(info: RunInfo, log: ConsoleLog, modified: float) -> RunInfo:
    end = last_lines(log.path, SAMPLE // 4)
    rows = log.rows(end)[0][::-1]
    if not rows:
        end = last_lines(log.path, 4 * SAMPLE)
        rows = log.rows(end)[0][::-1]
    first = log.head()[:1]
    began = as_number(first[0].get(CLOCK)) if first else None
    newest = next((as_number(row[CLOCK]) for row in rows if CLOCK in row), None)
    last = next((as_number(row[STEP]) for row in rows if STEP in row), None)
    if last is None and rows:
        last = _counted(log)
    state = judge_state(
        None,
        recorded=bool(rows) or bool(first),
        newest=newest,
        modified=modified,
        now=time.time(),
        ends_are_recorded=False,
    )
    updated = newest if newest is not None else began
    return replace(
        info,
        state=state,
        created=began,
        updated=modified if updated is None else updated,
        clocked=updated is not None,
        last_step=last,
        total_steps=log.reader().totals(end[: end.rfind(b"\n") + 1]),
    )


def _counted(log: ConsoleLog) -> float | None:
    """Return the last step of a log whose lines do not say theirs, if it is small."""
    if log.size() > _SMALL:
        return None
    last: float | None = None
    for piece in log.pieces((), log.beginning):
        last = piece.steps[-1] if len(piece.steps) else last
    return last
