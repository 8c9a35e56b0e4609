"""Alerts that a script raised (``run.alert``).

    alert := 1 title  2 text  3 level("INFO", "WARN", "ERROR")  4 wait_duration

The record holds no time and no step: an alert belongs to the row logged before it, to the first
row if it came before all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.alert import Alert
from runwise_parsers.leveldb.wire import fields, text
from runwise_parsers.wandb_log.kinds import ALERT, HISTORY, message
from runwise_parsers.wandb_log.places import first_step
from runwise_parsers.wandb_log.steps import step_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.wandb_log.logfile import LogFile


def alerts_of(log: LogFile, shift: float = 0.0) -> Iterator[Alert]:
    """Yield the alerts of a log in their order; ``shift`` is added to steps.

    Raises ``OSError`` where the log cannot be read.
    """
    for step, body in _placed(log):
        known = first_step(log) if step is None else step
        yield _alert(body, None if known is None else known + shift)


def _placed(log: LogFile) -> Iterator[tuple[float | None, bytes]]:
    """Yield alerts behind the step of the row before them."""
    counted = log.lacks_steps()
    for newest, before, records in log.in_order(frozenset({ALERT})):
        step, rows = next(map(step_of, newest), None), before
        for record in records:
            _, kind, body = message(record)
            if kind == HISTORY:
                step, rows = step_of(body), rows + 1
            elif kind == ALERT and counted:
                yield float(rows - 1) if rows else None, body
            elif kind == ALERT:
                yield step, body


def _alert(body: bytes, step: float | None) -> Alert:
    words = {1: "", 2: "", 3: ""}
    try:
        for number, value in fields(body):
            if number in words:
                words[number] = text(value)
    except ValueError:
        pass
    return Alert(words[1], words[2], words[3].lower(), step)
