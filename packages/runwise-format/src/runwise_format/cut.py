"""Take units away from a document: rows, items, lines, leaves, problems, curves.

A document has one order in which its units go: the least important block first, inside a
block the last unit first, critical problems after everything else. Taking away ``n`` units is
therefore a plain function of ``n``, and a budget can bisect on it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from operator import is_
from typing import TYPE_CHECKING

from runwise_format.cells import Trend
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
from runwise_format.tree import grow, leaves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def units(block: Block) -> int:
    """Return how many units a block has."""
    if isinstance(block, (Fields, Findings)):
        return len(block.items)
    if isinstance(block, (Table, Diff)):
        return len(block.rows)
    if isinstance(block, Notes):
        return len(block.lines)
    if isinstance(block, Chart):
        return len(block.curves)
    return sum(1 for _ in leaves(block.root))


def criticals(block: Block) -> int:
    """Return how many units of a block are critical problems."""
    if not isinstance(block, Findings):
        return 0
    return sum(is_critical(item) for item in block.items)


def is_critical(problem: Problem) -> bool:
    """Return whether a problem outlives every other unit."""
    return problem.severity == "critical"


def keep(block: Block, count: int) -> Block:
    """Return the first ``count`` units of a block; critical problems are kept before others."""
    if count >= units(block):
        return block
    if isinstance(block, Fields):
        return replace(block, items=dict(islice(block.items.items(), count)))
    if isinstance(block, Findings):
        return replace(block, items=_worst(block.items, count))
    if isinstance(block, (Table, Diff)):
        return replace(block, rows=block.rows[:count])
    if isinstance(block, Notes):
        return replace(block, lines=block.lines[:count])
    if isinstance(block, Chart):
        return replace(block, curves=block.curves[:count])
    return replace(block, root=grow(islice(leaves(block.root), count)))


def trim(document: Document, gone: int) -> Document:
    """Return ``document`` without the ``gone`` units that matter least, counted as dropped."""
    blocks = document.blocks
    order = sorted(range(len(blocks)), key=lambda index: (blocks[index].importance, -index))
    lost = dict.fromkeys(order, 0)
    for precious in (False, True):
        for index in order:
            critical = criticals(blocks[index])
            share = critical if precious else units(blocks[index]) - critical
            taken = min(gone, share)
            lost[index] += taken
            gone -= taken
    kept = [
        keep(block, units(block) - lost[index])
        for index, block in enumerate(blocks)
        if not lost[index] or lost[index] < units(block)
    ]
    counts = {blocks[index].key: lost[index] for index in sorted(order) if lost[index]}
    return replace(document, blocks=kept, dropped=_added(document.dropped, counts))


def without_quiet(document: Document) -> Document:
    """Return ``document`` without the fields and columns that only programs want."""
    spoken = [
        _without_quiet_columns(block) if isinstance(block, Table) else block
        for block in document.blocks
        if not (isinstance(block, Fields) and block.quiet)
    ]
    same = len(spoken) == len(document.blocks) and all(map(is_, spoken, document.blocks))
    return document if same else replace(document, blocks=spoken)


def _without_quiet_columns(table: Table) -> Table:
    loud = [place for place, column in enumerate(table.columns) if not column.quiet]
    if len(loud) == len(table.columns):
        return table
    return replace(
        table,
        columns=[table.columns[place] for place in loud],
        rows=[[row[place] for place in loud if place < len(row)] for row in table.rows],
    )


def without_trends(document: Document) -> Document:
    """Return ``document`` without its trends: whole columns of tables, entries of fields."""
    return replace(document, blocks=[_without_trends(block) for block in document.blocks])


def _without_trends(block: Block) -> Block:
    if isinstance(block, Fields):
        items = {key: cell for key, cell in block.items.items() if not isinstance(cell, Trend)}
        return replace(block, items=items)
    if not isinstance(block, Table):
        return block
    shapes = {index for row in block.rows for index, cell in enumerate(row) if type(cell) is Trend}
    shapes |= {index for index, column in enumerate(block.columns) if column.role == "trend"}
    return replace(
        block,
        columns=[column for index, column in enumerate(block.columns) if index not in shapes],
        rows=[[c for index, c in enumerate(row) if index not in shapes] for row in block.rows],
    )


def _worst(items: Sequence[Problem], count: int) -> list[Problem]:
    critical = [index for index, item in enumerate(items) if is_critical(item)]
    other = [index for index, item in enumerate(items) if not is_critical(item)]
    return [items[index] for index in sorted((critical + other)[:count])]


def _added(dropped: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """Return what was dropped before and now; equal nouns are added up."""
    nouns = {key.replace("_", " "): count for key, count in counts.items()}
    texts: list[str] = []
    for text in dropped:
        number, _, noun = text.partition(" ")
        several = noun if noun in nouns else f"{noun}s"
        now = nouns.pop(several, 0) if number.isdecimal() else 0
        texts.append(f"{int(number) + now} {several}" if now else text)
    return texts + [_counted(count, noun) for noun, count in nouns.items()]


def _counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> _counted(1, "metrics"), _counted(2, "metrics"), _counted(1, "same")
    ('1 metric', '2 metrics', '1 same')
    """
    one = count == 1 and noun.endswith("s") and not noun.endswith("ss")
    return f"{count} {noun[:-1] if one else noun}"
