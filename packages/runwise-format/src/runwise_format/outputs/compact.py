"""For agents: every character earns its place.

    crashed at step 5000, loss is NaN since 4210
    ! critical non_finite train/loss step 4210: 3 NaN. Lower the learning rate.
    name,last,best,trend
    train/loss,NaN,.348@4200,98665433xx
    train/{acc .91,lr 3e-5}, epoch 4
    more: runwise keys

The verdict comes first and the way to more comes last, because those two survive whatever cuts
the middle. Tables are CSV with one header; a column may be scaled (``lr_e-6``: times 1e-6).
A curve at regular steps has one line for them (``steps 0..9980 by 20``) in place of a column.
A trend is up to ten digits, 0 the lowest; ``flat`` or ``noisy`` stands beside one whose
digits would look like movement. Names and words that contain a separator are quoted as in CSV.
Settings stand one a line, those of a branch in braces: ``model.{kind=gpt,layers=12}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise_format.braces import grouped
from runwise_format.document import (
    Block,
    Chart,
    Column,
    Diff,
    Document,
    Fields,
    Findings,
    Line,
    Notes,
    Problem,
    Table,
    Tree,
)
from runwise_format.grid import range_line, whole_words
from runwise_format.numbers import exact_step, short
from runwise_format.shape import digits as places
from runwise_format.shape import ends, span
from runwise_format.tree import leaves
from runwise_format.trend import digits
from runwise_format.words import Manner, advised, cell_words, column_words, columns_of, is_curve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runwise_format.cells import Cell, Trend
    from runwise_format.style import Style

name = "compact"
for_programs = False

_SPECIAL = re.compile(r'[,"{}]|^!(?!\d)|^-(?!\.?\d)|^(?:more|dropped):|^\s|\s$')


_UNBRACED = re.compile(r'[,"{}]|^\s|\s$|^$')
LONGEST = 400
"""Characters of settings on one line."""


def render(document: Document, style: Style) -> str:
    """Return ``document`` in as few tokens as possible."""
    del style  # nothing here depends on looks
    first = document.verdict or document.title
    lines = [first] if first else []
    for block in document.blocks:
        lines.extend(_lines(block))
    if document.dropped:
        lines.append(f"dropped: {', '.join(document.dropped)}")
    if document.more:
        lines.append(f"more: {document.more}")
    return "\n".join(lines)


def _trend(trend: Trend) -> str:
    shape = digits(trend.values)
    if trend.direction in ("flat", "noisy") or not shape:
        return f"{shape} {trend.direction}".strip()
    return shape


_MEASURED = Manner(digits=3, most=4, write=short, draw=_trend, scales=True)
_CURVE = Manner(digits=3, most=3, write=short, draw=_trend, scales=True)
_SETTING = Manner(digits=6, most=6, write=short, draw=_trend)
_DIFFERENT = Manner(digits=3, most=17, write=short, draw=_trend)


def _lines(block: Block) -> Iterable[str]:
    if isinstance(block, Fields):
        return _fields(block)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Findings):
        return map(_finding, advised(block.items))
    if isinstance(block, Notes):
        return [f"- {line}" for line in block.lines]
    if isinstance(block, Chart):
        return _chart(block)
    return _tree(block) if isinstance(block, Tree) else _diff(block)


def _titled(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", *lines] if title and lines else list(lines)


def _fields(block: Fields) -> list[str]:
    items = {
        _quoted(block.labels.get(key, key), spaces=key not in block.labels): _quoted(
            "" if cell == block.usual else cell_words(cell, _MEASURED)
        )
        for key, cell in block.items.items()
        if cell is not None
    }
    if not items:
        return []
    return [f"{block.title}: " * bool(block.title) + grouped(items, ", ")]


def _table(block: Table) -> list[str]:
    if not block.rows or not block.columns:
        return []
    columns, line = columns_of(block), range_line(block)
    manner = _CURVE if is_curve(block) else _MEASURED
    heads: list[str] = []
    texts: list[list[str]] = []
    for column, cells in columns[1:] if line else columns:
        whole = whole_words(cells) if line else None
        power, words = whole or column_words(cells, column.role, manner)
        heads.append(_quoted(_head(column, power)))
        texts.append([_quoted(word) for word in words])
    rows = [",".join(row) or '""' for row in zip(*texts, strict=True)]
    above = [line] if line else []
    below = [block.note] if block.note else []
    return _titled(block.title, [*above, ",".join(heads), *rows, *below])


def _head(column: Column, power: int) -> str:
    scale = f"_e{power}" if power else ""
    unit = f" {column.unit}" if column.unit else ""
    return f"{column.label or column.key}{scale}{unit}"


def _finding(item: Problem) -> str:
    step = "" if item.step is None else f"step {exact_step(item.step)}"
    words = [item.severity, item.kind, _quoted(item.metric, spaces=True), step]
    times = f" (x{item.count})" if item.count > 1 else ""
    said = f"{item.message.rstrip('.')}. {item.advice}" if item.advice else item.message
    head = "! " + " ".join(word for word in words if word) + times
    return f"{head}: {said}" if said else head


def _tree(block: Tree) -> list[str]:
    lines: list[str] = []
    for key, value in block.root.items():
        found = {".".join(path): cell_words(cell, _SETTING) for path, cell in leaves({key: value})}
        lines += _settings(found)
    return _titled(block.title, lines)


def _settings(found: Mapping[str, str]) -> list[str]:
    """Return the settings of one branch, each on its line, or all in braces if that is shorter.

    On a line of its own a value ends with the line; inside braces it may hold no separator.
    """
    flat = [f"{_quoted(name, spaces=True)}={value}" for name, value in found.items()]
    if len(flat) == 1 or any(map(_UNBRACED.search, (*found, *found.values()))):
        return flat
    line = grouped(found, "\n", slash=".", sign="=")
    return line.split("\n") if len(line) <= LONGEST else flat


def _diff(block: Diff) -> list[str]:
    if not block.rows:
        return []
    return _titled(block.title, [_csv(["name", *block.names]), *_diff_rows(block)])


def _diff_rows(block: Diff) -> Iterator[str]:
    for key, cells in block.rows:
        padded: list[Cell] = [*cells, *[None] * (len(block.names) - len(cells))]
        yield _csv([key, *column_words(padded[: len(block.names)], "", _DIFFERENT)[1]])


def _chart(block: Chart) -> list[str]:
    """Return a row for each curve; the head says what its digits stand for."""
    drawn = [line for line in block.curves if len(line.values)]
    if not drawn:
        return []
    first, last = span(drawn)
    over = "steps" if block.x_label == "step" else block.x_label
    kind = "log levels" if block.log_y else "levels"
    banded = any(len(line.low) for line in drawn)
    heads = ["curve", "last", *(["+-"] * banded), "min", "max"]
    heads.append(f"{kind} 0-9 in {over} {exact_step(first)}..{exact_step(last)}")
    rows: list[list[str]] = []
    for line in drawn:
        known = ends(line)
        words = [cell_words(cell, _MEASURED) for cell in (known.last, known.low, known.high)]
        if banded:
            words.insert(1, _half(line))
        name = f"{line.name} {line.unit}".rstrip()
        rows.append([name, *words, places(line, first, last, log=block.log_y)])
    below = [block.note] if block.note else []
    return _titled(block.title, [_csv(heads), *map(_csv, rows), *below])


def _half(line: Line) -> str:
    """Return half of the width of a band at its end."""
    return short((line.high[-1] - line.low[-1]) / 2, 2) if len(line.low) else ""


def _csv(texts: Iterable[str]) -> str:
    return ",".join(map(_quoted, texts))


def _quoted(text: str, *, spaces: bool = False) -> str:
    if _SPECIAL.search(text) or (spaces and " " in text):
        return '"' + text.replace('"', '""') + '"'
    return text
