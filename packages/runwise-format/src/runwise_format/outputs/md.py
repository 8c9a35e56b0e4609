"""For pull requests and notebooks: GitHub Flavored Markdown.

    ### train-a (3be9af2m)

    crashed at step 5000, loss is NaN since 4210

    - **critical** non_finite of train/loss at step 4210: 3 NaN. Lower the learning rate.

    | name | last | best |
    |---|---:|---:|
    | train/loss | NaN | 0.348@4200 |

Every text is escaped, so a name with a pipe or a tag in it is that name and nothing else.
Four significant digits; trends are drawn with blocks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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
)
from runwise_format.numbers import exact_step
from runwise_format.people import different, is_numeric, measured, point, setting
from runwise_format.style import Style
from runwise_format.tree import leaves
from runwise_format.words import (
    advised,
    cell_words,
    column_words,
    columns_of,
    is_curve,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runwise_format.cells import Cell

CHART, LEGEND = (60, 11), 120
"""Width and height of a chart, and the width of the names below it."""
_SIGNS = Style(ascii=True)

name = "md"
for_programs = False

_SPECIAL = re.compile(r"[\\`*\[\]<>|~&$#]|(?<![^\W_])_|_(?![^\W_])|@(?=[^\W\d])")
_BEGINS = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)])(?=\s|$))")


def render(document: Document, style: Style) -> str:
    """Return ``document`` as Markdown, blocks separated by empty lines."""
    parts = [f"### {_escaped(document.title)}" if document.title else ""]
    parts.append(_paragraph(document.verdict))
    for block in document.blocks:
        lines = _lines(block, style)
        if lines and block.title:
            parts.append(f"**{_escaped(block.title)}**")
        parts.append("\n".join(lines))
    if document.dropped:
        parts.append(f"dropped: {_escaped(', '.join(document.dropped))}")
    if document.more:
        parts.append(f"more: {_code(document.more)}")
    return "\n\n".join(part for part in parts if part)


def _lines(block: Block, style: Style) -> list[str]:
    if isinstance(block, Notes):
        return [f"- {_paragraph(line)}" for line in block.lines]
    if isinstance(block, Findings):
        return [_finding(item) for item in advised(block.items)]
    if isinstance(block, Table):
        return _table(block, style)
    if isinstance(block, Diff):
        return _diff(block, style)
    if isinstance(block, Chart):
        return _chart(block)
    if isinstance(block, Fields):
        manner = measured(style)
        pairs = [
            (block.labels.get(key, key), cell_words(cell, manner))
            for key, cell in block.items.items()
            if cell is not None
        ]
    else:
        manner = setting(style)
        pairs = [(".".join(path), cell_words(cell, manner)) for path, cell in leaves(block.root)]
    return _grid(["name", "value"], [[key, value] for key, value in pairs], [False, False])


def _table(block: Table, style: Style) -> list[str]:
    if not block.rows or not block.columns:
        return []
    heads: list[str] = []
    texts: list[list[str]] = []
    right: list[bool] = []
    manner = point(style) if is_curve(block) else measured(style)
    for column, cells in columns_of(block):
        heads.append(f"{column.label or column.key} {column.unit}".rstrip())
        texts.append(column_words(cells, column.role, manner)[1])
        right.append(is_numeric(cells))
    lines = _grid(heads, list(map(list, zip(*texts, strict=True))), right)
    return [*lines, "", _paragraph(block.note)] if block.note else lines


def _diff(block: Diff, style: Style) -> list[str]:
    rows: list[list[str]] = []
    for key, cells in block.rows:
        padded: list[Cell] = [*cells, *[None] * (len(block.names) - len(cells))]
        words = column_words(padded[: len(block.names)], "", different(style))[1]
        rows.append([key, *words])
    return _grid(["name", *block.names], rows, [False] * (len(block.names) + 1))


def _chart(block: Chart) -> list[str]:
    """Return a chart as code: signs that every font has, and that cost a token for several."""
    lines = chart(
        block.curves, *CHART,
        log=block.log_y, x_label=block.x_label, y_label=block.y_label, style=_SIGNS,
        legend_width=LEGEND,
    )  # fmt: skip
    if not lines:
        return []
    fence = _fence("\n".join(lines), 3)
    code = [fence, *lines, fence]
    return [*code, "", _paragraph(block.note)] if block.note else code


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    """Return a table whose rows all have as many cells as its head."""
    if not rows:
        return []
    rule = "|" + "|".join("---:" if numeric else "---" for numeric in right) + "|"
    return [_row(heads), rule, *map(_row, rows)]


def _row(texts: Iterable[str]) -> str:
    return "| " + " | ".join(_escaped(text) for text in texts) + " |"


def _finding(item: Problem) -> str:
    step = "" if item.step is None else f" at step {exact_step(item.step)}"
    times = f" ({item.count} times)" if item.count > 1 else ""
    said = f"{item.message.rstrip('.')}. {item.advice}" if item.advice else item.message
    what = f"{item.kind} of {item.metric}" if item.metric else item.kind
    return f"- **{_escaped(item.severity)}** {_escaped(what)}{step}{times}: {_escaped(said)}"


def _escaped(text: str) -> str:
    """Return ``text`` such that Markdown shows it as it is, inside a line."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _paragraph(text: str) -> str:
    """Return ``text`` such that Markdown shows it as it is at the beginning of a line."""
    return _BEGINS.sub(_begun, _escaped(text.strip()))


def _begun(match: re.Match[str]) -> str:
    space, sign, number, point = match.groups()
    return f"{space}\\{sign}" if sign else f"{space}{number}\\{point}"


def _fence(text: str, least: int) -> str:
    """Return more backticks than stand together anywhere in a text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)


def _code(text: str) -> str:
    """Return a code span; the fence is longer than any run of backticks inside."""
    fence = _fence(text, 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
