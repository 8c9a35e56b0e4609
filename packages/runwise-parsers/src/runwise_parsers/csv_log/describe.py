"""What head and tail of a table say about its run."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.axis import EPOCHS, finite, plain, time_of
from runwise_parsers.csv_log.beside import epochs_beside
from runwise_parsers.csv_log.head import read_head
from runwise_parsers.csv_log.layout import layout_of
from runwise_parsers.csv_log.log import CsvLog
from runwise_parsers.csv_log.samples import newest_of, tail
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.lines import WINDOW

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.csv_log.head import Head

_OF_ALL = re.compile(rb"\s*\d+/(\d+)\s")


def described(path: Path, name: str) -> RunInfo:
    """Return what is known of the run in a table, whose tracker called it ``name``.

    Raises ``OSError`` where the file cannot be read.
    """
    log = CsvLog(path)
    modified = path.stat().st_mtime
    trouble = log.trouble()
    head = read_head(path) if trouble is None else None
    if trouble is not None or head is None:
        gaps = () if trouble is None else (trouble,)
        return RunInfo(
            "csv", "", name, updated=modified, clocked=False, segments=(path,), gaps=gaps
        )
    newest, last_step = newest_of(log)
    if log.layout.step is None and log.size() <= WINDOW:
        last_step = next((step for _, _, step in tail(log, 1)), None)
    state = judge_state(
        None,
        recorded=newest is not None or last_step is not None,
        newest=newest,
        modified=modified,
        now=time.time(),
        ends_are_recorded=False,
    )
    return RunInfo(
        "csv",
        "",
        log.layout.run or name,
        state=state,
        created=_begun(head),
        updated=newest if newest is not None else modified,
        clocked=newest is not None,
        segments=(path,),
        last_step=last_step,
        total_steps=_total(path, head),
    )


def _begun(head: Head) -> float | None:
    clock = layout_of(head).clock
    return time_of(head.block.row(0)[clock]) if clock is not None and head.block.count else None


def _total(path: Path, head: Head) -> float | None:
    """Return the last epoch that a YOLO training means to reach; it counts from 0 or from 1."""
    if head.form.yolo:
        with path.open("rb") as file:
            found = _OF_ALL.match(file.readline(WINDOW))
        return float(found[1]) if found else None
    step = layout_of(head).step
    if path.name != "results.csv" or step is None or plain(head.names[step]) not in EPOCHS:
        return None
    epochs = epochs_beside(path.parent)
    first = next(iter(finite(head.block.column(step))), 1.0)
    return None if epochs is None else float(epochs if first >= 1 else epochs - 1)
