"""Lines with quotes as rows of cells: texts may hold delimiters and line ends.

    3,"a text, with a comma",0.5
    4,"a text
    of two lines",0.25

A quote that is never closed (a damaged byte, an inch sign) must not swallow the rows behind it:
lines are joined only where the result is well formed and has as many cells as the table.
"""

from __future__ import annotations

import csv
import re
from itertools import pairwise

JOINED_LINES = 1000
"""A cell of more lines than this is taken for a quote that was never closed."""


def quoted_rows(lines: list[str], delimiter: str, width: int, *, joins: bool) -> list[list[str]]:
    """Return the rows of lines; ``joins`` says that a cell may span several of them."""
    rows = _read(lines, delimiter)
    if len(rows) == len(lines):
        return rows
    odd = [at for at, line in enumerate(lines) if line.count('"') % 2] if joins else []
    closers = dict(pairwise(odd))
    rows = list[list[str]]()
    at = 0
    while at < len(lines):
        closer = closers.get(at, at)
        joined = one_row(lines[at : closer + 1], delimiter) if closer > at else None
        if joined is None or len(joined) != width:
            rows.append(_row(lines[at], delimiter))
            at += 1
        else:
            rows.append(joined)
            at = closer + 1
    return rows


def _read(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return what the csv module makes of lines, nothing where a cell is beyond its limit."""
    try:
        return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []


def one_row(lines: list[str], delimiter: str) -> list[str] | None:
    """Return the one row that some lines are, ``None`` if they are not one."""
    if len(lines) > JOINED_LINES:
        return None
    ended = [f"{line}\n" for line in lines]
    try:
        rows = list(csv.reader(ended, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _row(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line by itself, whatever its quotes."""
    rows = _read([line], delimiter)
    if len(rows) == 1 and line.count('"') % 2 == 0:
        return rows[0]
    apart = re.escape(delimiter)
    cells = re.findall(rf'(?:^|{apart})[ ]*("[^"]*(?:""[^"]*)*"(?=$|{apart})|[^{apart}]*)', line)
    return [_bare(cell) for cell in cells]


def _bare(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell
