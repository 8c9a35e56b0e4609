"""One run: how far it is, how old the data are, what is wrong, and its metrics."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, cast

from runwise import words
from runwise.curves import TELLING_ROLES, Curve, Study, is_internal, natural, study
from runwise.ending import besides, cause_of, in_words, with_cause
from runwise.progress import RECENT, Progress, measure
from runwise.reports import parts
from runwise.reports.reading import Reading, look, look_over
from runwise.reports.sections import sections
from runwise_format import Column, Document, Fields, Findings, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_format.document import Block

IN_FULL = 8
OTHERS = 24
SUMMARY = 12


def summary(
    workspace: Workspace,
    ref: str = "latest",
    *,
    keys: Sequence[str] = (),
    limit: int = IN_FULL,
    anomalies: bool = True,
    now: float | None = None,
) -> Document:
    """Return the summary of one run, or of what it was at a point (``REF@POINT``).

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    now = time.time() if now is None else now
    seen = look(workspace, ref, keys) if keys else look_over(workspace, ref, now)
    progress = progress_of(seen, now)
    judged = anomalies and bool(seen.known.curves)
    own = sections(seen, None if keys else workspace.settings.schema)
    full, others, left = _shared_out(seen.known, None if keys else limit, own.names)
    written = {} if keys or seen.at is not None else _written(seen)
    cause = cause_of(seen.run, seen.info) if anomalies and seen.at is None else None
    health = besides(health_of(seen, partial=bool(keys)), cause) if judged else ""
    blocks: list[Block] = [
        _facts(seen, progress, now, judged=judged and not (keys or seen.sampled)),
        with_cause(_problems(seen, judged=judged), cause),
        *own.blocks,
        _table(full),
        Fields("other_metrics", {one.name: one.last for one in others}, importance=40),
        Fields("summary", written, importance=30, title="summary"),
        parts.notes(
            seen.gaps,
            seen.sample,
            *seen.remarks,
            _points(full),
            parts.running(workspace, seen.info),
        ),
    ]
    return Document(
        kind="summary",
        title=parts.label(seen.info),
        verdict="; ".join(
            filter(None, (verdict_of(seen, progress, now, in_words(cause)), health))
        ),
        blocks=blocks,
        more=_more(workspace, seen, judged=judged, crashed=cause is not None),
        dropped=[words.count(left, "metric")] if left else [],
    )


def _problems(seen: Reading, *, judged: bool) -> Findings:
    return parts.problems(seen.known.diagnosis, brief=True) if judged else Findings("findings", [])


def _more(workspace: Workspace, seen: Reading, *, judged: bool, crashed: bool) -> str:
    """Return what to ask next: how it ended, what is wrong, or the names of all metrics."""
    if crashed:
        return workspace.command("console", workspace.handle(seen.info), "--errors")
    if not seen.known.curves:
        return ""
    command = "check" if judged and seen.known.diagnosis.findings else "keys"
    return workspace.command(command, workspace.handle(seen.info))


def progress_of(seen: Reading, now: float) -> Progress:
    """Return how far the run is, by its newest rows: whatever was read, these have clocks."""
    known = seen.known
    if seen.at is None and known.curves:
        newest = study(seen.run.tail(RECENT), known.roles)
        known = Study({**known.curves, **newest.curves}, {**known.roles, **newest.roles})
    return measure(seen.info, seen.config, known, now)


def health_of(seen: Reading, *, partial: bool) -> str:
    """Return what was found; a score only where all of all metrics was looked at."""
    found = parts.found(seen.known.diagnosis)
    if seen.sampled:
        return f"{found or 'nothing found'} in a sample"
    return found if partial else parts.health(seen.known.diagnosis)


def verdict_of(seen: Reading, progress: Progress, now: float, cause: str) -> str:
    """Return the one sentence that would do if nothing else were read."""
    info = seen.info
    said = [f"{parts.label(info)} {parts.state(info)}", cause]
    if seen.at is not None:
        said.append(f"at step {words.step(seen.at)}")
    else:
        said.append(parts.far(progress))
    if not seen.known.curves:
        said.append("no metric logged" if seen.at is None else "no metric logged by then")
    lasted = (info.updated or 0.0) - (info.created or 0.0) if info.created else 0.0
    if seen.at is None and info.clocked and lasted > 0:
        verb = "runs" if info.state == "running" else "ran"
        said.append(f"{verb} {words.duration(lasted)}")
    said.append(parts.age(info, progress, now))
    return ", ".join(filter(None, said))


def _facts(seen: Reading, progress: Progress, now: float, *, judged: bool) -> Fields:
    """Return what the verdict says, as data."""
    info = seen.info
    items: dict[str, Cell] = {
        "id": info.id,
        "name": info.name,
        "source": info.source,
        "state": info.state,
        "exit_code": info.exit_code,
        "step": info.last_step,
        "at_step": seen.at,
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "progress": progress.share,
        "eta_seconds": progress.eta if seen.at is None else None,
        "created": info.created,
        "updated": info.updated,
        "age_seconds": now - info.updated if info.updated is not None else None,
        "interval_seconds": progress.interval,
        "health": seen.known.diagnosis.health if judged else None,
        "path": str(info.path),
        "sampled_rows": seen.sampled or None,
    }
    return Fields("run", items, quiet=True)


def _shared_out(
    known: Study, limit: int | None, taken: AbstractSet[str]
) -> tuple[list[Curve], list[Curve], int]:
    """Return the curves shown in full, those shown by value, and how many are left out.

    Without a limit somebody has chosen them: all are shown, in the order they were asked for.
    Where the project's own sections have taken some, the others are shown by value.
    """
    if limit is None:
        return list(known.curves.values()), [], 0
    if taken:
        others = [
            one for one in sorted(known.curves.values(), key=natural) if one.name not in taken
        ]
        return [], others[:OTHERS], max(0, len(others) - OTHERS)
    ranked = known.with_role(*TELLING_ROLES)
    every = sorted(known.curves.values(), key=natural)
    named = [one for one in every if one.role not in TELLING_ROLES]
    full = (ranked if len(known.curves) > limit else [*ranked, *named])[:limit]
    shown = {one.name for one in full}
    rest = [one for one in every if one.name not in shown]
    return full, rest[:OTHERS], max(0, len(rest) - OTHERS)


def _points(curves: Sequence[Curve]) -> str:
    """Return a remark where no metric has a second point."""
    single = curves and all(one.stats.total == 1 for one in curves)
    return "a single point of each metric: no trend data" if single else ""


def _table(curves: Sequence[Curve]) -> Table:
    columns = [
        Column("name", "metric", "name"),
        Column("last", role="number"),
        Column("best", "best@step", role="number"),
        Column("trend", role="trend"),
    ]
    rows = [(one.name, one.last, one.best(), one.trend()) for one in curves]
    return Table("metrics", columns, rows, importance=80)


def _written(seen: Reading) -> dict[str, Cell]:
    """Return what the run put into its summary besides the metrics it logged."""
    found = (
        (name, leaf)
        for key, value in seen.summary.items()
        if not is_internal(key) and not (key in seen.known.curves and isinstance(value, float))
        for name, leaf in _leaves(key, value)
    )
    return dict(islice(found, SUMMARY))


def _leaves(name: str, value: object) -> Iterator[tuple[str, Cell]]:
    """Yield what can be said of a value: itself, or the parts of a mapping that is no media."""
    if isinstance(value, (int, float, str)):
        yield name, value
    elif isinstance(value, dict) and "_type" not in value:
        for part, leaf in cast("Mapping[str, object]", value).items():
            if isinstance(leaf, (int, float, str)) and not is_internal(part):
                yield f"{name}.{part}", leaf
