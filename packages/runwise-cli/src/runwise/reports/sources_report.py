"""The formats of logs that can be read, the servers that can be asked, and what brings them."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import short
from runwise_format import Column, Document, Table
from runwise_parsers.extras import install_command, is_installed
from runwise_parsers.remote_shelf import known_remotes
from runwise_parsers.shelf import all_sources, origin

if TYPE_CHECKING:
    from runwise_format.cells import Cell
    from runwise_parsers import Source
    from runwise_parsers.remote import Remote

READS = 60


def sources() -> Document:
    """Return every source: what it reads, who brings it, and whether its extra is installed."""
    known = all_sources()
    plugged = sum(origin(source) is not None for source in known)
    verdict = words.count(len(known), "source")
    verdict += f", {plugged} plugged in" if plugged else ""
    servers = known_remotes()
    verdict += f", {words.count(len(servers), 'kind')} of servers"
    blocks = [_table(known), _servers(servers)]
    return Document(kind="sources", title="", verdict=verdict, blocks=blocks, more="runwise list")


def _servers(known: tuple[Remote, ...]) -> Table:
    """Return a line for each kind of server; what needs nothing, needs nothing said."""
    columns = [
        Column("server", role="name"),
        Column("reads", role="text"),
        Column("extra", role="name", quiet=True),
        Column("extra_installed", role="state", quiet=True),
        Column("needs", role="text"),
    ]
    rows: list[list[Cell]] = []
    for remote in known:
        there = is_installed(remote.extra) if remote.extra else None
        needs = None if there is None else _said(install_command(remote.extra), there=there)
        reads = shorten(remote.reads, READS, placeholder=" …")
        rows.append([remote.name, reads, remote.extra or None, there, needs])
    return Table("servers", columns, rows, importance=70)


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
    there = is_installed(source.extra) if source.extra else None
    brings = install_command(source.extra, plugin.distribution if plugin else "runwise-cli")
    return {
        "source": short(source.name),
        "reads": shorten(source.reads, READS, placeholder=" …") or None,
        "extra": source.extra or None,
        "extra_installed": there,
        "needs": None if there is None else f"[{source.extra}]: {_said(brings, there=there)}",
        "plugin": plugin and short(f"{plugin.distribution} {plugin.version}".strip()),
    }


def _said(brings: str, *, there: bool) -> str:
    return "installed" if there else brings
