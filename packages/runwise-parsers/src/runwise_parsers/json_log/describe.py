"""A run as the first and last lines of its JSON Lines log describe it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.gap import unreadable
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.json_log.samples import newest_of, newest_rows
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from runwise_parsers.json_log.log import JsonLog

_TOTALS = {"current_steps": "total_steps"}
"""By the key of the step, that of the step the run means to reach, as LLaMA-Factory writes them.

Elsewhere ``total_steps`` may as well count the steps made so far.
"""


def described(source: str, log: JsonLog, began: float | None = None) -> RunInfo:
    """Return what head and tail of a log say; the format has no word for an end.

    ``began`` is the run's start where a name tells it. Never raises for what is in the file.
    """
    info = RunInfo(source, "", created=began, segments=(log.path,))
    try:
        return _described(info, log)
    except OSError as error:
        return replace(info, gaps=(unreadable(log.path.name, error),))


def _described(info: RunInfo, log: JsonLog) -> RunInfo:
    modified = log.path.stat().st_mtime
    trouble = log.trouble()
    if trouble is not None:
        return replace(info, updated=modified, clocked=False, gaps=(trouble,))
    newest, last_step = newest_of(log)
    began = next(map(log.clock_at, log.head()[:1]), None) if log.axes.clock else info.created
    state = judge_state(
        None,
        recorded=newest is not None or last_step is not None,
        newest=newest,
        modified=modified,
        now=time.time(),
        ends_are_recorded=False,
    )
    # Without a clock in the log, the run's start: a copied file's own time says nothing.
    updated = newest if newest is not None else began
    return replace(
        info,
        state=state,
        created=began,
        updated=modified if updated is None else updated,
        clocked=updated is not None,
        last_step=last_step,
        total_steps=_total(log),
    )


def _total(log: JsonLog) -> float | None:
    key = _TOTALS.get(log.axes.step)
    return as_number(newest_rows(log)[0].get(key)) if key else None
