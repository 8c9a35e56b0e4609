"""The formats of logs that can be read, and where those that are plugged in come from."""

from __future__ import annotations

from importlib.util import find_spec
from textwrap import shorten
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import short
from runwise_format import Column, Document, Table
from runwise_parsers.shelf import all_sources, origin

if TYPE_CHECKING:
    from runwise_format.cells import Cell
    from runwise_parsers import Source

OURS = "runwise-parsers"
READS = 60


def sources() -> Document:
    """Return every source: what it reads, who brings it, and whether its extra is installed."""
    known = all_sources()
    plugged = sum(origin(source) is not None for source in known)
    verdict = words.count(len(known), "source")
    verdict += f", {plugged} plugged in" if plugged else ""
    return Document(
        kind="sources", title="", verdict=verdict, blocks=[_table(known)], more="runwise list"
    )


def _table(known: tuple[Source, ...]) -> Table:
    """Return a line for each source; a column for what none of them has is left out."""
    columns = [Column("source", role="name"), Column("reads", role="text")]
    extras = any(source.extra for source in known)
    plugged = any(origin(source) for source in known)
    columns += [Column("extra", role="name", quiet=True)] if extras else []
    columns += [Column("extra_installed", role="state", quiet=True)] if extras else []
    columns += [Column("needs", role="text")] if extras else []
    columns += [Column("plugin", role="name")] if plugged else []
    rows: list[list[Cell]] = []
    for source in known:
        cells = _cells(source)
        rows.append([cells[column.key] for column in columns])
    return Table("sources", columns, rows, importance=80)


def _cells(source: Source) -> dict[str, Cell]:
    plugin = origin(source)
    there = _is_installed(source.extra) if source.extra else None
    brings = f"{plugin.distribution if plugin else OURS}[{source.extra}]"
    return {
        "source": short(source.name),
        "reads": shorten(source.reads, READS, placeholder=" …") or None,
        "extra": source.extra or None,
        "extra_installed": there,
        "needs": None if there is None else f"[{source.extra}]: {_said(brings, there=there)}",
        "plugin": plugin and short(f"{plugin.distribution} {plugin.version}".strip()),
    }


def _said(brings: str, *, there: bool) -> str:
    return "installed" if there else f"pip install '{brings}'"


def _is_installed(extra: str) -> bool:
    """Say whether the module an extra brings is there, without importing it."""
    try:
        return find_spec(extra.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False
