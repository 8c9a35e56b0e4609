"""Blocks of a document as HTML. Every text is escaped where it enters a page."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from runwise_format.cells import Trend
from runwise_format.document import (
    Block,
    Chart,
    Diff,
    Fields,
    Findings,
    Notes,
    Problem,
    Table,
)
from runwise_format.numbers import exact_step
from runwise_format.page.figure import figure
from runwise_format.people import different, is_numeric, measured, point, setting
from runwise_format.scale import scale_of
from runwise_format.tree import leaves
from runwise_format.trend import arrow
from runwise_format.words import advised, cell_words, column_words, columns_of, is_curve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_format.cells import Cell
    from runwise_format.style import Style

Words = tuple[str, bool]
"""What stands in a cell, as HTML, and whether it is a number."""
SEVERITIES = ("critical", "warning", "info")


def block_lines(block: Block, number: int, style: Style) -> list[str]:
    """Return a block as HTML, empty where it has nothing to show."""
    if isinstance(block, Chart):
        return figure(block, number)
    if isinstance(block, Findings):
        return _listed("findings", [_finding(item) for item in advised(block.items)])
    if isinstance(block, Notes):
        return _listed("notes", [f"<li>{escape(line)}</li>" for line in block.lines])
    caption = "" if block.title else block.key.replace("_", " ")
    if isinstance(block, Table):
        return _table(block, caption, style)
    if isinstance(block, Diff):
        return _diff(block, caption, style)
    return _pairs(list(_said(block, style)), caption)


def _listed(kind: str, items: Sequence[str]) -> list[str]:
    return [f'<ul class="{kind}">', *items, "</ul>"] if items else []


def _finding(item: Problem) -> str:
    step = "" if item.step is None else f" at step {exact_step(item.step)}"
    times = f" ({item.count} times)" if item.count > 1 else ""
    said = f"{item.message.rstrip('.')}. {item.advice}" if item.advice else item.message
    metric = f" of <b>{escape(item.metric)}</b>" if item.metric else ""
    kind = item.severity if item.severity in SEVERITIES else "info"
    head = f"<strong>{escape(item.severity)}</strong> {escape(item.kind)}{metric}{step}{times}"
    return f'<li class="{kind}">{head}<br>{escape(said)}</li>'


def _table(block: Table, caption: str, style: Style) -> list[str]:
    if not block.rows or not block.columns:
        return []
    manner = point(style) if is_curve(block) else measured(style)
    heads: list[Words] = []
    columns: list[list[Words]] = []
    for column, cells in columns_of(block):
        right = is_numeric(cells)
        heads.append((escape(f"{column.label or column.key} {column.unit}".rstrip()), right))
        words = column_words(cells, column.role, manner)[1]
        columns.append([_cell(*pair, right=right) for pair in zip(cells, words, strict=True)])
    lines = _grid(heads, list(map(list, zip(*columns, strict=True))), caption)
    return [*lines, f'<p class="faint">{escape(block.note)}</p>'] if block.note else lines


def _diff(block: Diff, caption: str, style: Style) -> list[str]:
    rows: list[list[Words]] = []
    for key, cells in block.rows:
        padded: list[Cell] = [*cells, *[None] * (len(block.names) - len(cells))]
        words = column_words(padded[: len(block.names)], "", different(style))[1]
        rows.append([(escape(key), False), *((escape(word), False) for word in words)])
    heads: list[Words] = [("name", False), *((escape(name), False) for name in block.names)]
    return _grid(heads, rows, caption)


def _said(block: Block, style: Style) -> Iterator[tuple[str, Cell, str]]:
    """Yield names and what they are, of fields and of trees."""
    if isinstance(block, Fields):
        for key, cell in block.items.items():
            if cell is not None:
                yield block.labels.get(key, key), cell, cell_words(cell, measured(style))
        return
    if not isinstance(block, (Table, Findings, Notes, Diff, Chart)):
        for path, cell in leaves(block.root):
            yield ".".join(path), cell, cell_words(cell, setting(style))


def _pairs(pairs: Sequence[tuple[str, Cell, str]], caption: str) -> list[str]:
    rows = [
        [(escape(name), False), _cell(cell, words, right=False)] for name, cell, words in pairs
    ]
    return _grid([("name", False), ("value", False)], rows, caption)


def _cell(cell: Cell, words: str, *, right: bool) -> Words:
    return (_spark(cell), False) if isinstance(cell, Trend) else (escape(words), right)


def _grid(heads: Sequence[Words], rows: Sequence[Sequence[Words]], caption: str) -> list[str]:
    """Return a table; it scrolls alone where it is wider than the page."""
    if not rows:
        return []
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    row = "".join(f'<th scope="col"{_side(right)}>{text}</th>' for text, right in heads)
    lines = ['<div class="wide">', f"<table>{said}<thead><tr>{row}</tr></thead>"]
    lines.append("<tbody>")
    for cells in rows:
        first, *rest = cells
        inner = "".join(f"<td{_side(right)}>{text}</td>" for text, right in rest)
        lines.append(f'<tr><th scope="row"{_side(first[1])}>{first[0]}</th>{inner}</tr>')
    return [*lines, "</tbody></table></div>"]


def _side(right: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return " class=n" if right else ""


def _spark(trend: Trend) -> str:
    """Return a trend as a small picture; places that are not finite are marked."""
    if not trend.values:
        return escape(trend.direction)
    scale = scale_of(trend.values)
    across = 78 / max(1, len(trend.values) - 1)
    path, odd, pen = "", "", "M"
    for place, value in enumerate(trend.values):
        up = scale.at(value)
        if math.isnan(up):
            odd += f"M{1 + place * across:.0f} 4v8"
            pen = "M"
            continue
        path += f"{pen}{1 + place * across:.0f} {14 - 12 * up:.1f}" + ("h0" if pen == "M" else "")
        pen = "L"
    said = escape(" ".join(filter(None, ["trend", trend.direction])))
    marks = f'<path class="odd" d="{odd}"/>' if odd else ""
    picture = f'<svg class="spark" viewBox="0 0 80 16" role="img" aria-label="{said}">'
    sign = f" {arrow(trend.direction)}".rstrip()
    return f'<span class="shape">{picture}<path d="{path}"/>{marks}</svg>{sign}</span>'
