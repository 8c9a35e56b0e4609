"""The runs of a project, the newest first, a line each."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import short
from runwise.history import no_metric
from runwise.reference import short_ids
from runwise.reports import parts
from runwise.reports.listed import Listed, look_at
from runwise_format import Column, Document, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise.config import Settings
    from runwise.filters.grammar import Term
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_parsers import RunInfo

SHOWN = 10
NAME_LENGTH = 24
TAGS = 3
"""Tags of a run that are shown."""


def list_runs(
    workspace: Workspace,
    *,
    limit: int = SHOWN,
    keys: Sequence[str] = (),
    terms: Sequence[Term] = (),
    sort: str = "",
    everything: bool = False,
    among: Sequence[RunInfo] | None = None,
    now: float | None = None,
) -> Document:
    """Return the newest runs of which ``terms`` hold, with their loss or the metrics of ``keys``.

    Runs that ended without a row of metrics are counted, not shown. ``everything`` shows them,
    and those their tracker deleted behind all others; ``among`` confines it to some. ``sort``
    is a field or a metric, see ``sorted_by``.

    Raises ``NoRuns`` where there are none, ``NoSuchMetric`` where no run shown has one,
    ``BadFilter`` for terms and fields that mean nothing here.
    """
    return page_of(
        workspace, limit=limit, keys=keys, terms=terms, sort=sort, everything=everything,
        among=among, now=now,
    )[0]  # fmt: skip


def page_of(
    workspace: Workspace,
    *,
    limit: int = SHOWN,
    keys: Sequence[str] = (),
    terms: Sequence[Term] = (),
    sort: str = "",
    everything: bool = False,
    among: Sequence[RunInfo] | None = None,
    now: float | None = None,
    passed: int = 0,
) -> tuple[Document, int]:
    """Return runs as ``list_runs`` does, behind the ``passed`` first, and where to go on.

    That is how many of them are then passed; 0 where no run is left.
    """
    now = time.time() if now is None else now
    gone = workspace.deleted if everything else ()
    all_runs = (*workspace.runs, *gone) or workspace.some_runs()
    runs = _chosen(workspace, all_runs if among is None else among, terms, sort, now)
    ahead = runs[passed:]
    shown, empty = _glances(workspace, ahead, keys, limit, everything=everything)
    columns = list(dict.fromkeys(name for one in shown for name in one.asked))
    if keys and shown and not columns:
        raise no_metric(keys[0], list(dict.fromkeys(name for one in shown for name in one.names)))
    gaps = dict.fromkeys(gap for one in shown for gap in one.gaps if not one.names)
    ids = short_ids(all_runs)
    left = len(ahead) - len(shown) - empty
    first = shown[0].info if shown else None
    document = Document(
        kind="list",
        title=workspace.settings.project,
        verdict=_verdict(runs, len(all_runs), terms),
        blocks=[
            _table(shown, ids, columns, now, workspace.settings),
            parts.notes(gaps, _folded(empty), _hidden(workspace, gone)),
        ],
        more=workspace.command("run", workspace.handle(first, ids[first.id])) if first else "",
        dropped=[words.count(left, "run" if sort else "older run")] if left else [],
    )
    return document, passed + len(shown) + empty if left else 0


def _chosen(
    workspace: Workspace, runs: Sequence[RunInfo], terms: Sequence[Term], sort: str, now: float
) -> Sequence[RunInfo]:
    """Return the runs that are meant, in the order that is asked for."""
    if not terms and not sort:
        return runs
    from runwise.filters.choosing import admitted, sorted_by  # noqa: PLC0415 - few lists need it

    meant = admitted(workspace, terms, now, runs)
    return sorted_by(workspace, sort, meant, now) if sort else meant


def _glances(
    workspace: Workspace,
    runs: Iterable[RunInfo],
    keys: Sequence[str],
    limit: int,
    *,
    everything: bool,
) -> tuple[list[Listed], int]:
    """Look at runs until there are enough to show; return how many had nothing to show besides."""
    shown: list[Listed] = []
    empty: list[Listed] = []
    for info in runs:
        if len(shown) == limit:
            break
        one = look_at(workspace, info, keys)
        (empty if one.bare and not everything else shown).append(one)
    if not shown:  # then they are the answer
        return empty[:limit], 0
    return shown, len(empty)


def _verdict(runs: Sequence[RunInfo], of: int, terms: Sequence[Term]) -> str:
    states = Counter(run.state for run in runs)
    said = ", ".join(f"{number} {state}" for state, number in states.most_common())
    if not terms:
        return f"{words.count(len(runs), 'run')}: {said}"
    chosen = " ".join(map(str, terms))
    return f"{len(runs)} of {words.count(of, 'run')} {chosen}" + (f": {said}" if said else "")


def _folded(empty: int) -> str:
    """Return a remark on runs that are not shown because they logged nothing."""
    are = "is" if empty == 1 else "are"
    return (
        f"{words.count(empty, 'run')} without metrics {are} not shown (list --all)"
        if empty
        else ""
    )


def _hidden(workspace: Workspace, shown: Sequence[RunInfo]) -> str:
    """Return a remark on deleted runs that are not shown, empty where there are none."""
    left = len(workspace.deleted) - len(shown)
    are = "is" if left == 1 else "are"
    return f"{words.count(left, 'deleted run')} {are} not shown (list --all)" if left else ""


def _table(
    shown: Sequence[Listed],
    ids: Mapping[str, str],
    asked: Sequence[str],
    now: float,
    settings: Settings,
) -> Table:
    """Return the runs; the metric's name is the column's where all runs show the same one."""
    metrics = {one.name for one in shown if one.name}
    common = next(iter(metrics)) if len(metrics) == 1 else ""
    named = any(one.info.name and one.info.name != one.info.id for one in shown)
    tags = {one.info.tags for one in shown if one.info.tags}
    columns = [Column("id", role="name", quiet=True), Column("ref", "id", role="name")]
    columns += [Column("name", role="name")] if named else []
    columns += [Column("tags", role="text", quiet=len(tags) == 1)] if tags else []
    columns += [Column("state", role="state")]
    columns += [Column("deleted", role="text")] if any(one.info.deleted for one in shown) else []
    columns += [Column("step", role="step")]
    columns += [Column("age", role="age")]
    judged = any(one.health is not None for one in shown)
    columns += [Column("health")] if judged else []
    columns += [Column("metric", role="name", quiet=bool(common))] if metrics else []
    called = settings.primary_name if common and common == settings.primary else ""
    columns += [Column("last", called or common, role="number")] if metrics else []
    columns += [Column("trend", role="trend")] if metrics else []
    rows: list[list[Cell]] = []
    for one in shown:
        cells: dict[str, Cell] = {
            "id": one.info.id,
            "ref": short(ids[one.info.id]),
            "name": short(one.info.name, NAME_LENGTH),
            "tags": _tags(one.info.tags),
            "state": one.info.state,
            "deleted": "deleted" if one.info.deleted else None,
            "step": one.info.last_step,
            "age": None if one.info.updated is None else now - one.info.updated,
            "health": one.health,
            "metric": one.name or None,
            "last": one.last,
            "trend": one.trend,
        }
        known = [cells[column.key] for column in columns]
        rows.append([*known, *(one.asked.get(name) for name in asked)])
    columns += [Column(name, role="number") for name in asked]
    return Table("runs", columns, rows, importance=80)


def _tags(tags: Sequence[str]) -> str | None:
    """Return a few tags, and how many more there are."""
    few = [short(tag, NAME_LENGTH) for tag in tags[:TAGS]]
    more = len(tags) - len(few)
    return " ".join([*few, *([f"+{more}"] if more > 0 else [])]) or None
