r"""One metric's table: tab-separated, a header, one line for each point, appended.

    step\tloss                  timestamp\tstep\tloss          (milliseconds)
    0\t2.31                     1610000000000\t0\t2.31
    1\tnan

The value stands last. A line without its end may lack digits of its number: it is not read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.axes import clock_of
from runwise_parsers.gap import LFS_POINTER
from runwise_parsers.interleave import Curve
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from pathlib import Path

_TRUTH = {b"True": 1.0, b"False": 0.0}
_END = 1 << 12
_LONGEST_HEADER = 8
"""Lines in the name of a metric."""


@dataclass(slots=True)
class Table:
    """What was read of a table: its curve, and what could not be.

    ``lost`` counts lines without a step or a number, ``torn`` says that the last one is not all
    there, ``pointer`` that only the git-LFS pointer of the file is here.
    """

    curve: Curve
    lost: int = 0
    torn: bool = False
    pointer: bool = False


def read_table(name: str, path: Path) -> Table:
    """Read a table. Raises ``OSError`` where the system does not let us."""
    return table_of(name, read_whole(path))


def read_ends(name: str, path: Path) -> tuple[Table, Table]:
    """Read the first and the last lines of a table. Raises ``OSError``."""
    with path.open("rb") as file:
        head = file.read(_END)
        size = file.seek(0, 2)
        if size <= _END:
            return table_of(name, head), table_of(name, head)
        file.seek(max(size - _END, 0))
        tail = file.read(_END)
    header = head[: head.find(b"\n") + 1]
    whole = head[: head.rfind(b"\n") + 1]
    return table_of(name, whole), table_of(name, header + tail[tail.find(b"\n") + 1 :])


def table_of(name: str, data: bytes) -> Table:
    """Return what the bytes of a table say."""
    table = Table(Curve(name))
    if data.startswith(LFS_POINTER):
        table.pointer = True
        return table
    *lines, rest = data.split(b"\n")
    table.torn = bool(rest.strip())
    header, begin = _header(lines)
    places = _places(header)
    for line in lines[begin:]:
        if line.strip() and line not in lines[:begin]:  # some repeat the header when they go on
            _add(table, line.rstrip(b"\r").split(b"\t"), *places)
    return table


def _add(table: Table, cells: list[bytes], step_at: int, clock_at: int | None) -> None:
    """Take a line in; one without a value says that nothing was logged at its step."""
    if len(cells) > 1 and not cells[-1]:
        return
    step = _number(cells[step_at]) if step_at < len(cells) - 1 else None
    value = _number(cells[-1])
    if step is None or value is None or not math.isfinite(step):
        table.lost += 1
        return
    table.curve.steps.append(step)
    table.curve.values.append(value)
    clock = clock_of(_number(cells[clock_at])) if clock_at is not None else None
    if clock is not None:
        table.curve.times.append(clock)


def _header(lines: list[bytes]) -> tuple[bytes, int]:
    """Return the header and the number of lines it takes: a quoted name may hold line ends."""
    if not lines or _number(lines[0].split(b"\t")[0]) is not None:
        return b"step\t", 0
    for end in range(1, min(len(lines), _LONGEST_HEADER) + 1):
        header = b"\n".join(lines[:end])
        if header.count(b'"') % 2 == 0:
            return header, end
    return lines[0], 1


def _places(header: bytes) -> tuple[int, int | None]:
    """Return the columns of the step and of the time."""
    names = header.rstrip(b"\r").split(b"\t")
    clock = names.index(b"timestamp") if b"timestamp" in names[:-1] else None
    return (names.index(b"step") if b"step" in names[:-1] else 0), clock


def _number(text: bytes) -> float | None:
    """Return a number as Python writes it."""
    if text in _TRUTH:
        return _TRUTH[text]
    try:
        return None if b"_" in text else float(text)
    except ValueError:
        return None
