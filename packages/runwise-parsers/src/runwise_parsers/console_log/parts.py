"""The runs in one file: launches that were appended to it, each with the head of the first.

A file is several runs if the lines it begins with stand in it again, but for their numbers, and
the steps begin anew behind them. A launch that goes on from a later step is the same run, and
steps that fall without a head are a new segment of it. Blocks that a loop prints again and again
(a rule, a title, a table) begin alike too: they hold each metric once, and a launch many times.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from runwise_parsers.console_log.log import ConsoleLog
from runwise_parsers.console_log.reader import CLOCK, STEP
from runwise_parsers.console_log.sample import SAMPLE
from runwise_parsers.console_log.view import View
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 1 << 26
"""Bytes of a file in which other runs are looked for."""
_HEAD = 1 << 12
_SHORTEST = 8
_NUMBERS = re.compile(rb"\d+")
_MOST = 200
_LOOKED_AT = 8
"""Parts that are asked whether they are launches; the first may be but a head."""


def parts(path: Path) -> list[View]:
    """Return the runs in a file as views of it: itself, where it holds one.

    Raises ``OSError`` where it cannot be read.
    """
    view = View(path)
    size = view.stat().st_size
    begins = _begins(view, size) if size <= _LARGEST else [0]
    if len(begins) < 2:
        return [view]
    ends = [*begins[1:], size]
    cut = [View(path, begin, end) for begin, end in zip(begins, ends, strict=True)]
    if not any(_is_launch(part) for part in cut[:_LOOKED_AT]):
        return [view]
    kept = _runs(cut)
    kept[-1] = View(path, kept[-1].begin, None)  # it may still grow
    return kept if len(kept) > 1 else [view]


def _begins(view: View, size: int) -> list[int]:
    with view.open() as file:
        data = file.read(_HEAD)
        lines = [line for line in data.split(b"\n")[:-1] if line.strip()][:2]
        if len(lines) < 2 or len(b"".join(lines).strip(b"-=*# ")) < _SHORTEST:
            return [0]
        template = ConsoleLog(view).sampled.template
        if template is None or any(template.find(line.decode("latin-1")) for line in lines):
            return [0]
        between = rb"[ \t]*\n\s*?"
        head = re.compile(b"\n" + between.join(map(_shape, lines)) + rb"[ \t]*(?=\n)")
        file.seek(0)
        return [0, *(match.start() + 1 for match in head.finditer(file.read(size)))][:_MOST]


def _shape(line: bytes) -> bytes:
    """Return an expression for a line with any numbers in it."""
    return rb"\d+".join(re.escape(part) for part in _NUMBERS.split(line.strip()))


def _runs(cut: list[View]) -> list[View]:
    """Join parts that hold no rows to the next, and those that go on to the one before."""
    kept: list[View] = []
    begin = cut[0].begin
    first: float | None = None
    for part in cut:
        here = _first_step(part)
        if here is None:
            continue
        if first is not None and here > first and kept:
            kept[-1] = View(part.path, kept[-1].begin, part.end)
        else:
            kept.append(View(part.path, begin, part.end))
        first = here if first is None else first
        begin = part.end or 0
    return kept or [View(cut[0].path)]


def _is_launch(part: View) -> bool:
    """Say whether a part holds a metric more than once, as a run does."""
    log = ConsoleLog(part)
    if not log.template:
        return False
    with part.open() as file:
        rows = log.rows(file.read(SAMPLE))[0]
    names = Counter(name for row in rows for name in row if name not in (STEP, CLOCK))
    return any(count > 1 for count in names.values())


def _first_step(part: View) -> float | None:
    log = ConsoleLog(part)
    if not log.template:
        return None
    with part.open() as file:
        rows = log.rows(file.read(4 * SAMPLE))[0]
    steps = [as_number(row[STEP]) for row in rows if STEP in row]
    return next(iter(steps), 0.0 if rows else None)
