"""The runs in which a text occurs: in their ids, names, tags, notes or settings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import NoSuchRun, short
from runwise.filters.choosing import admitted
from runwise.reference import short_ids
from runwise.settings_tree import flat
from runwise_format import Column, Document, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise.filters.grammar import Term
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_parsers import RunInfo

SHOWN = 20
LONGEST_MATCH = 48


def find(
    workspace: Workspace,
    pattern: str,
    *,
    terms: Sequence[Term] = (),
    limit: int = SHOWN,
    now: float | None = None,
) -> Document:
    """Return the runs, of which ``terms`` hold, that say ``pattern`` somewhere; any case counts.

    Looked at are id, name, tags, group, job type, project, sweep, notes, command, and settings
    as ``key=value``.

    Raises ``NoRuns``, ``NoSuchRun`` where no run says it, and ``BadFilter``.
    """
    now = time.time() if now is None else now
    runs = admitted(workspace, terms, now)
    wanted = pattern.lower()
    found = [(run, where) for run in runs if (where := _where(workspace, run, wanted))]
    if not found:
        looked = words.count(len(runs), "run")
        raise NoSuchRun(f"nothing of {looked} says '{short(pattern)}'", "Try: runwise list")
    shown = found[:limit]
    left = len(found) - len(shown)
    ids = short_ids(workspace.runs)
    first = shown[0][0]
    return Document(
        kind="find",
        title=pattern,
        verdict=f"{len(found)} of {words.count(len(runs), 'run')} say '{short(pattern)}'",
        blocks=[_table(shown, ids, now)],
        more=workspace.command("run", workspace.handle(first, ids[first.id])),
        dropped=[words.count(left, "older run")] if left else [],
    )


def _where(workspace: Workspace, run: RunInfo, wanted: str) -> str:
    """Return the first place in which a run says something, empty for none."""
    for field, text in _said(run):
        if wanted in text.lower():
            return f"{field}: {_around(text, wanted)}"
    try:
        settings = flat(workspace.open(run).early_config())
    except OSError:
        return ""
    for key, value in settings.items():
        if wanted in (text := f"{key}={value}").lower():
            return f"config: {_around(text, wanted)}"
    return ""


def _said(run: RunInfo) -> Iterator[tuple[str, str]]:
    yield from (("id", run.id), ("name", run.name))
    yield from (("tag", tag) for tag in run.tags)
    yield from (("group", run.group), ("job type", run.job_type), ("project", run.project))
    yield from (("sweep", run.sweep), ("notes", run.notes), ("command", run.command))


def _around(text: str, wanted: str) -> str:
    """Return a text, or what stands around the place that was found in a long one."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_MATCH:
        return line
    begin = max(0, line.lower().find(wanted) - LONGEST_MATCH // 3)
    piece = line[begin : begin + LONGEST_MATCH]
    return f"{'…' if begin else ''}{piece}{'…' if begin + LONGEST_MATCH < len(line) else ''}"


def _table(shown: Sequence[tuple[RunInfo, str]], ids: dict[str, str], now: float) -> Table:
    columns = [
        Column("id", role="name", quiet=True),
        Column("ref", "id", role="name"),
        Column("name", role="name"),
        Column("match", role="text"),
        Column("state", role="state"),
        Column("step", role="step"),
        Column("age", role="age"),
    ]
    rows: list[list[Cell]] = [
        [
            run.id,
            short(ids[run.id]),
            short(run.name),
            where,
            run.state,
            run.last_step,
            None if run.updated is None else now - run.updated,
        ]
        for run, where in shown
    ]
    return Table("runs", columns, rows, importance=80)
