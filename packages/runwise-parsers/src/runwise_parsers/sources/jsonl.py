"""JSON Lines: one object per line, numbers are metrics, a step key orders them.

    {"step": 0, "loss": 2.31, "time": 1795159686.7}
    {"step": 1, "loss": 2.27, "lr": 0.001, "val": {"loss": 2.4}}

What a hand-made training loop writes. The writer may still be appending, so a broken last line
is normal, and a broken line before the last is a gap. Data sets are JSON Lines too: a file is a
run if its first rows hold numbers and a step, or if it is called like a log.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from runwise_parsers.axes import axes_of
from runwise_parsers.gap import LFS_POINTER, unreadable
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.rows import numbers_of, parse
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.json_log.samples import newest_of
from runwise_parsers.lines import first_lines
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.run import Run

SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
LOG_NAMES = frozenset({"metrics", "history", "log", "logs", "progress", "scalars", "stats"})
PEEK = 1 << 14


class Jsonl(Source):
    """Hand-made logs, one JSON object per line."""

    name = "jsonl"
    order = 90

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take the files that are called like logs and hold one."""
        named = [name for name in sorted(folder.files) if name.lower().endswith(SUFFIXES)]
        stems = Counter(name.rpartition(".")[0] for name in named)
        for name in sorted(folder.files) if folder.asked else named:
            path = folder.path / name
            if (name in named and folder.asked) or _is_log(path, asked=folder.asked):
                stem = path.stem
                key = name if stems[stem] > 1 else stem
                yield Claim(self.name, key, folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the first and last lines say; the format has no word for an end."""
        path = claim.paths[-1]
        try:
            return _described(path)
        except OSError as error:
            return RunInfo(self.name, "", segments=(path,), gaps=(unreadable(path.name, error),))

    def open(self, info: RunInfo) -> Run:
        """Return the run in a file."""
        return JsonlRun(info, info.path)


def _is_log(path: Path, *, asked: bool) -> bool:
    """Say whether the first rows of a file look like a training log."""
    try:
        block = first_lines(path, PEEK)
    except OSError:
        return not asked  # by its name it may be one: say that it cannot be read
    named = path.stem.lower() in LOG_NAMES
    if block.startswith(LFS_POINTER):
        return named
    rows = parse(block)[0]
    axes = axes_of(rows)
    metrics = any(name != axes.step for row in rows for name, _ in numbers_of(row))
    return metrics and (bool(axes.step) or named or asked)


def _described(path: Path) -> RunInfo:
    log = JsonLog(path)
    modified = path.stat().st_mtime
    trouble = log.trouble()
    if trouble is not None:
        return RunInfo(
            "jsonl", "", updated=modified, clocked=False, segments=(path,), gaps=(trouble,)
        )
    newest, last_step = newest_of(log)
    state = judge_state(
        None,
        recorded=newest is not None or last_step is not None,
        newest=newest,
        modified=modified,
        now=time.time(),
        ends_are_recorded=False,
    )
    return RunInfo(
        "jsonl",
        "",
        state=state,
        created=next(map(log.clock_at, log.head()[:1]), None),
        updated=newest if newest is not None else modified,
        clocked=newest is not None,
        segments=(path,),
        last_step=last_step,
    )
