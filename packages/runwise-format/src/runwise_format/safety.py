"""Text that came from a log is data: it must not steer a terminal or a reader.

Every document passes through `safe` on its way to an output, so that no output can forget.

- Line breaks and tabs become spaces: a name cannot start a line of its own.
- Terminal sequences (colours, titles, links) disappear.
- Other control characters, bidirectional overrides and invisible characters become ``�``,
  so that two different names stay different; joiners inside emoji simply go.
- Long text is cut in the middle and says how much is gone; both ends of a path matter.
- Integers of more than 300 digits become infinite, as they would in floating point.
- Secrets in fields, trees, differences and notes are hidden (`runwise_format.redaction`).
- Names that became equal are numbered, because JSON keys must stay distinct.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from runwise_format.cells import At, Cell, Scalar, Trend
from runwise_format.document import (
    ENVELOPE,
    Block,
    Branch,
    Column,
    Diff,
    Document,
    Fields,
    Findings,
    Notes,
    Problem,
    Table,
)
from runwise_format.redaction import redacted, redacted_cell, redacted_text

NAME, VALUE, SENTENCE = 120, 200, 400
SAYING_LENGTH = 80  # shorter limits leave no room to say what is gone
HUGE_BITS = 1000  # Python refuses to print much larger integers; nobody reads them

_TERMINAL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS
    r"|\x1b[ -/]*[0-~]"
)
_BREAKS = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_JOINERS = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d\ufe0e\ufe0f](?=[^\x00-\x7f]|$)")
_HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[ -~]*")


def clean(text: str, limit: int = VALUE) -> str:
    r"""Return ``text`` on one line, harmless to print, at most ``limit`` characters long.

    >>> clean("red \x1b[31malert\x1b[0m\nand more")
    'red alert and more'
    """
    if len(text) <= limit and _PLAIN.fullmatch(text):
        return text
    length = len(text)
    if length > 8 * limit:  # what is about to be cut away need not be cleaned
        text = text[: 4 * limit] + text[-4 * limit :]
    text = _BREAKS.sub(" ", _TERMINAL.sub("", text))
    text = _HIDDEN.sub("�", _JOINERS.sub("", text))
    if len(text) <= limit and length <= 8 * limit:
        return text
    if limit < 1:
        return ""
    mark = f"…({length} chars)…" if limit >= SAYING_LENGTH else "…"
    tail = (limit - len(mark)) // 2
    head = limit - len(mark) - tail
    return text[:head] + mark + text[len(text) - tail :]


def safe(document: Document) -> Document:
    """Return ``document`` with every text in it cleaned. Doing it twice changes nothing."""
    keys = _distinct((*ENVELOPE, *(block.key for block in document.blocks)))[len(ENVELOPE) :]
    return Document(
        kind=clean(document.kind, NAME),
        title=clean(document.title, VALUE),
        verdict=clean(document.verdict, SENTENCE),
        blocks=[_block(block, key) for block, key in zip(document.blocks, keys, strict=True)],
        more=clean(document.more, SENTENCE),
        dropped=[clean(text, NAME) for text in document.dropped],
    )


def ascii_only(text: str) -> str:
    """Return ``text`` with every other character written as an escape."""
    if text.isascii():
        return text
    return text.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")


def _block(block: Block, key: str) -> Block:
    block = replace(block, key=key, title=clean(block.title, VALUE))
    if isinstance(block, Fields):
        return _fields(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Findings):
        return replace(block, items=[_problem(item) for item in block.items])
    if isinstance(block, Diff):
        return _diff(block)
    if isinstance(block, Notes):
        return replace(block, lines=[clean(redacted_text(line), SENTENCE) for line in block.lines])
    return replace(block, root=_branch(redacted(block.root)))


def _fields(block: Fields) -> Fields:
    keys = _names(block.items)
    labels = {keys[key]: clean(text, NAME) for key, text in block.labels.items() if key in keys}
    items = {keys[key]: _cell(redacted_cell(key, cell)) for key, cell in block.items.items()}
    return replace(block, items=items, labels=labels)


def _table(block: Table) -> Table:
    keys = _distinct(column.key for column in block.columns)
    columns = [_column(column, key) for column, key in zip(block.columns, keys, strict=True)]
    rows = [[_cell(cell) for cell in row] for row in block.rows]
    return replace(block, columns=columns, rows=rows, note=clean(block.note, SENTENCE))


def _column(column: Column, key: str) -> Column:
    return replace(column, key=key, label=clean(column.label, NAME), unit=clean(column.unit, NAME))


def _diff(block: Diff) -> Diff:
    rows = [
        (clean(name, NAME), [_cell(redacted_cell(name, cell)) for cell in cells])
        for name, cells in block.rows
    ]
    return replace(block, names=_distinct(block.names), rows=rows)


def _problem(item: Problem) -> Problem:
    return Problem(
        severity=clean(item.severity, NAME),
        kind=clean(item.kind, NAME),
        metric=clean(item.metric, NAME),
        step=item.step if item.step is None else _number(item.step),
        message=clean(item.message, SENTENCE),
        advice=clean(item.advice, SENTENCE),
        evidence={
            key: _scalar(value)
            for key, value in zip(_distinct(item.evidence), item.evidence.values(), strict=True)
        },
        count=item.count,
    )


def _branch(root: Branch) -> Branch:
    names = _names(root)
    return {
        names[name]: _branch(value) if isinstance(value, Mapping) else _cell(value)
        for name, value in root.items()
    }


def _names(mapping: Mapping[str, object]) -> dict[str, str]:
    return dict(zip(mapping, _distinct(mapping), strict=True))


def _distinct(names: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    result: list[str] = []
    for name in names:
        base = unique = clean(name, NAME)
        while unique in seen:
            seen[base] += 1
            unique = f"{base[: NAME - 8]} ({seen[base]})"
        seen[unique] = 1
        result.append(unique)
    return result


def _cell(cell: Cell) -> Cell:
    if isinstance(cell, Trend):
        return replace(cell, direction=clean(cell.direction, NAME))
    if isinstance(cell, At):
        value = None if cell.value is None else _number(cell.value)
        step = None if cell.step is None else _number(cell.step)
        return At(value, step)
    return _scalar(cell)


def _scalar(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return clean(value, VALUE)
    if value is None or isinstance(value, bool):
        return value
    return _number(value)


def _number(value: float) -> float:
    if isinstance(value, int) and value.bit_length() > HUGE_BITS:
        return math.inf if value > 0 else -math.inf
    return value
