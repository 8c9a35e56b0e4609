"""Which run reached the best value of a metric."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from runwise import words
from runwise.curves import Curve, is_internal
from runwise.errors import NoRuns, short
from runwise.filters.choosing import admitted
from runwise.history import no_metric
from runwise.reference import short_ids
from runwise.reports import parts
from runwise.reports.reading import is_short
from runwise_detect import roles
from runwise_format import Column, Document, Table
from runwise_format.cells import At
from runwise_parsers import Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.errors import NoSuchMetric
    from runwise.filters.grammar import Term
    from runwise.workspace import Workspace
    from runwise_parsers import RunInfo

SHOWN = 10
ROWS = 64
Direction = Literal["min", "max"]


@dataclass(frozen=True, slots=True)
class _Entry:
    info: RunInfo
    best: At
    last: float


def best(
    workspace: Workspace,
    metric: str,
    *,
    direction: Direction | None = None,
    terms: Sequence[Term] = (),
    limit: int = SHOWN,
    now: float | None = None,
) -> Document:
    """Return the runs by their best value of a metric, over all of each curve, not its end.

    Only those of which all ``terms`` hold.

    Without a ``direction`` the metric's name tells which end is better; where nobody knows
    that, low is taken for better and a note says so.

    Raises ``NoRuns``, ``NoSuchMetric`` where no run logged it, and ``BadFilter``.
    """
    known = roles.better(metric, workspace.settings.roles.get(metric))
    end: Direction = direction or ("max" if known == "max" else "min")
    runs = admitted(workspace, terms, time.time() if now is None else now)
    found = _entries(workspace, runs, metric, end)
    entries = found.entries
    if not entries and not found.empty and runs:
        raise _nowhere(workspace, metric)
    if not runs:
        said = " ".join(map(str, terms))
        raise NoRuns(f"no run is {short(said)}", "See: runwise list")
    entries.sort(key=lambda one: (one.best.value or 0.0) * (1 if end == "min" else -1))
    shown = entries[:limit]
    left = len(entries) - len(shown)
    guess = (
        ""
        if direction or known
        else f"which end of {metric} is better nobody knows: low was taken, see --max"
    )
    return Document(
        kind="best",
        title=metric,
        verdict=_verdict(metric, end, found),
        blocks=[
            _table(shown, short_ids(workspace.runs)),
            parts.notes(found.gaps, guess, _sampled(found)),
        ],
        more=workspace.command("run", workspace.handle(shown[0].info)) if shown else "",
        dropped=[words.count(left, "run")] if left else [],
    )


@dataclass(slots=True)
class _Found:
    """What all runs reached; how many lack the metric, and how many lack a number of it."""

    entries: list[_Entry] = field(default_factory=list["_Entry"])
    without: int = 0
    empty: int = 0
    sampled: int = 0
    gaps: list[Gap] = field(default_factory=list[Gap])


def _entries(workspace: Workspace, runs: Sequence[RunInfo], metric: str, end: Direction) -> _Found:
    """Ask each run, of which no more is read than what is new since somebody last looked."""
    found = _Found()
    for info in runs:
        try:
            curve, sampled, gaps = _curve(workspace, info, metric)
            found.gaps += gaps
            found.sampled += sampled
        except OSError as error:
            reason = str(error.strerror or error).lower()
            found.gaps.append(Gap(short(str(info.path)), reason, "May it be read?"))
            curve = None
        if curve is None:
            found.without += 1
        elif not curve.stats.count:
            found.empty += 1
        else:
            found.entries.append(_Entry(info, At(*curve.stats.best(end)), curve.last))
    return found


def _curve(
    workspace: Workspace, info: RunInfo, metric: str
) -> tuple[Curve | None, bool, Sequence[Gap]]:
    """Return a metric of a run, whether only a sample was read, and why there is nothing."""
    if is_internal(metric) or is_short(info):  # the index does not keep the tracker's own
        run = workspace.open(info)
        series = run.series([metric]).get(metric)
        if series is None or not len(series):
            return None, False, () if run.overview(ROWS) else run.gaps
        return Curve(series), False, ()
    kept = workspace.study(info)
    gaps = () if kept.learned.metrics else kept.gaps
    return kept.learned.curve(metric), bool(kept.rows), gaps


def _nowhere(workspace: Workspace, metric: str) -> NoSuchMetric:
    names = {name: None for info in workspace.runs for name in workspace.open(info).overview(ROWS)}
    return no_metric(metric, list(names))


def _sampled(found: _Found) -> str:
    """Return of how many runs only a sample was read, empty for none."""
    if not found.sampled:
        return ""
    return f"of {words.count(found.sampled, 'large run')} a sample was read; --exact reads all"


def _verdict(metric: str, end: Direction, found: _Found) -> str:
    which = "lowest" if end == "min" else "highest"
    entries = found.entries
    said = [f"{which} {metric} of {words.count(len(entries), 'run')}"]
    if entries:
        said = [f"{parts.label(entries[0].info)} has the {said[0]}"]
    said += [f"{found.without} without it"] if found.without else []
    said += [f"{found.empty} without a finite value"] if found.empty else []
    return ", ".join(said)


def _table(shown: Sequence[_Entry], ids: dict[str, str]) -> Table:
    named = any(one.info.name and one.info.name != one.info.id for one in shown)
    columns = [Column("id", role="name", quiet=True), Column("ref", "id", role="name")]
    columns += [Column("name", role="name")] if named else []
    columns += [Column("state", role="state"), Column("best", "best@step"), Column("last")]
    rows = [
        [
            one.info.id,
            ids[one.info.id],
            *([one.info.name] if named else []),
            one.info.state,
            one.best,
            one.last,
        ]
        for one in shown
    ]
    return Table("runs", columns, rows, importance=80)
