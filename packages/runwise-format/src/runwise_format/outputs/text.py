"""For people: a title, the verdict, aligned tables, and curves drawn as blocks.

    train-mlp (a1b2)
    crashed at step 5000, loss is NaN since 4210

    critical  non_finite  train/loss  step 4210
      3 NaN. Lower the learning rate.

    name        last  best        trend
    train/loss   NaN  0.348@4200  █▅▃▂▁▁▁▁×× ↓

Four significant digits, or five where unequal numbers would look equal. Colour only on
request. With ``ascii`` the curves are digits and the arrows ``^ v > ~``.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from runwise_format.cells import Trend
from runwise_format.chart import chart
from runwise_format.document import (
    Block,
    Chart,
    Diff,
    Document,
    Fields,
    Findings,
    Notes,
    Problem,
    Table,
    Tree,
)
from runwise_format.layout import aligned, flowed, width_of, wrapped
from runwise_format.numbers import exact_step
from runwise_format.people import different, is_numeric, measured, point, setting
from runwise_format.safety import ascii_only
from runwise_format.tree import leaves
from runwise_format.words import (
    advised,
    cell_words,
    column_words,
    columns_of,
    is_curve,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runwise_format.cells import Cell
    from runwise_format.style import Style

name = "text"
for_programs = False

WIDEST, LOWEST = 140, 8
"""Width of a chart: wider ones say no more; and the height below which it says too little."""
_COLOURS = {
    "critical": "31", "warning": "33", "info": "36", "title": "1", "faint": "2",
    "crashed": "31", "failed": "31", "killed": "33", "running": "32",
}  # fmt: skip
"""By severity, by part of the page, and by state of a run: short words, which no table cuts."""


def render(document: Document, style: Style) -> str:
    """Return ``document`` for reading, blocks separated by empty lines."""
    title = "" if document.verdict.startswith(document.title) else document.title
    head = [_paint(title, "title", style), document.verdict]
    parts = ["\n".join(_plain(line, style) for line in head if line)]
    charts = sum(isinstance(block, Chart) for block in document.blocks)
    for block in document.blocks:
        lines = list(_lines(block, style, min(charts, 2)))
        if lines:
            above = [_paint(_plain(block.title, style), "title", style)] if block.title else []
            parts.append("\n".join([*above, *lines]))
    foot = [f"dropped: {', '.join(document.dropped)}"] if document.dropped else []
    foot += [f"more: {document.more}"] if document.more else []
    if foot:
        parts.append("\n".join(_paint(_plain(line, style), "faint", style) for line in foot))
    return "\n\n".join(part for part in parts if part)


def _paint(text: str, colour: str, style: Style) -> str:
    code = _COLOURS.get(colour)
    return f"\x1b[{code}m{text}\x1b[0m" if style.colour and code and text else text


def _plain(text: str, style: Style) -> str:
    return ascii_only(text) if style.ascii else text


def _lines(block: Block, style: Style, among: int) -> Iterable[str]:
    if isinstance(block, Fields):
        return _fields(block, style)
    if isinstance(block, Table):
        return _table(block, style)
    if isinstance(block, Findings):
        return [line for item in advised(block.items) for line in _finding(item, style)]
    if isinstance(block, Notes):
        return [part for line in block.lines for part in _note(line, style)]
    if isinstance(block, Chart):
        return _chart(block, style, among)
    return _tree(block, style) if isinstance(block, Tree) else _diff(block, style)


def _fields(block: Fields, style: Style) -> list[str]:
    manner = measured(style)
    pairs = [
        (_plain(block.labels.get(key, key), style), _plain(cell_words(cell, manner), style))
        for key, cell in block.items.items()
        if cell is not None
    ]
    return flowed(pairs, style.width)


def _table(block: Table, style: Style) -> list[str]:
    if not block.rows or not block.columns:
        return []
    columns: list[list[str]] = []
    right: list[bool] = []
    manner = point(style) if is_curve(block) else measured(style)
    for column, cells in columns_of(block):
        head = f"{column.label or column.key} {column.unit}".rstrip()
        words = column_words(cells, column.role, manner)[1]
        texts = [_plain(text, style) for text in (head, *words)]
        columns.append([_paint(t, t, style) for t in texts] if column.role == "state" else texts)
        right.append(is_numeric(cells))
    lines = aligned(columns, right, style.width, _plain("…", style))
    if max(map(width_of, lines)) > style.width:
        told = [not _is_drawn(cells) for _, cells in columns_of(block)]
        few = list(compress(columns, told)), list(compress(right, told))
        lines = aligned(*few, style.width, _plain("…", style)) if all(few) else lines
    lines[0] = _paint(lines[0], "faint", style)
    return lines + (wrapped(_plain(block.note, style), style.width) if block.note else [])


def _is_drawn(cells: Sequence[Cell]) -> bool:
    """Return whether a column is trends, which a narrow page does without."""
    return any(isinstance(cell, Trend) for cell in cells)


def _finding(item: Problem, style: Style) -> Iterator[str]:
    step = "" if item.step is None else f"step {exact_step(item.step)}"
    times = f"(x{item.count})" if item.count > 1 else ""
    words = [item.kind, item.metric, step, times]
    rest = "  ".join(_plain(word, style) for word in words if word)
    yield f"{_paint(item.severity, item.severity, style)}  {rest}"
    said = f"{item.message.rstrip('.')}. {item.advice}" if item.advice else item.message
    yield from wrapped(_plain(said, style), style.width, "  ", "  ")


def _note(line: str, style: Style) -> list[str]:
    return wrapped(_plain(line, style), style.width, "- ", "  ") or ["-"]


def _tree(block: Tree, style: Style) -> Iterator[str]:
    shown: tuple[str, ...] = ()
    for path, cell in leaves(block.root):
        branch = path[:-1]
        for depth, branch_name in enumerate(branch):
            if shown[: depth + 1] != branch[: depth + 1]:
                yield "  " * depth + _plain(branch_name, style)
        shown = branch
        value = _plain(cell_words(cell, setting(style)), style)
        yield f"{'  ' * len(branch)}{_plain(path[-1], style)}: {value}".rstrip()


def _chart(block: Chart, style: Style, among: int) -> list[str]:
    lines = chart(
        block.curves, min(style.width, WIDEST), max(LOWEST, style.height // among),
        log=block.log_y, x_label=block.x_label, y_label=block.y_label, style=style,
    )  # fmt: skip
    note = wrapped(_plain(block.note, style), style.width) if block.note and lines else []
    return lines + [_paint(line, "faint", style) for line in note]


def _diff(block: Diff, style: Style) -> list[str]:
    if not block.rows:
        return []
    columns = [["", *(key for key, _ in block.rows)], *([run] for run in block.names)]
    for _, cells in block.rows:
        padded: list[Cell] = [*cells, *[None] * (len(block.names) - len(cells))]
        words = column_words(padded, "", different(style))[1]
        for column, word in zip(columns[1:], words, strict=False):
            column.append(word)
    plain = [[_plain(text, style) for text in column] for column in columns]
    return aligned(plain, [False] * len(plain), style.width, _plain("…", style))
