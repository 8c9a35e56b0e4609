"""How a run is going this moment: newest values, what it printed last, and what changed."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import ordered
from runwise.ending import cause_of, in_words, with_cause
from runwise.quiet_lines import quiet
from runwise.reports import parts
from runwise.reports.reading import look_over
from runwise.reports.summary_report import health_of, progress_of, verdict_of
from runwise_format import Column, Document, Fields, Findings, Notes, Table
from runwise_parsers.printed import printed_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.curves import Curve
    from runwise.reports.reading import Reading
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell

METRICS = 8
LINES = 200
VALIDATION = 3
LONGEST_LINE = 160
_VALIDATION = re.compile(
    r"\b(?:val|valid|validation|eval|evaluation|test|dev)\b|val_|eval_", re.IGNORECASE
)


def live(
    workspace: Workspace,
    ref: str = "latest",
    *,
    since: float | None = None,
    now: float | None = None,
) -> Document:
    """Return the newest values of a run, with the last validation lines it printed.

    With ``since``, a step, only what is new behind it: metrics that moved, findings that
    began. ``more`` names the step to ask from next time.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    now = time.time() if now is None else now
    seen = look_over(workspace, ref, now)
    progress = progress_of(seen, now)
    cause = cause_of(seen.run, seen.info)
    said = (verdict_of(seen, progress, now, in_words(cause)), health_of(seen, partial=False))
    fresh = printed_since(seen)
    last = seen.known.last_step
    return Document(
        kind="live",
        title=parts.label(seen.info),
        verdict="; ".join(filter(None, said)),
        blocks=[
            Fields("run", _facts(seen, now, last), quiet=True),
            with_cause(_new(seen, since), cause),
            _values(seen, since) if since is not None else _newest(seen),
            Fields("printed", fresh, importance=60, title="printed since"),
            Notes("lines", _validation(seen), importance=40),
            parts.notes(seen.gaps, seen.sample, *seen.remarks, _nothing(seen, since),
                        parts.running(workspace, seen.info)),
        ],
        more=_more(workspace, seen, last),
    )  # fmt: skip


def printed_since(seen: Reading) -> dict[str, Cell]:
    """Return values a run printed behind its newest recorded step: the log is often ahead."""
    last = seen.known.last_step
    printed = printed_run(seen.run) if last is not None and seen.info.state == "running" else None
    if printed is None or last is None:
        return {}
    newer = {name: one for name, one in printed.tail(20).items() if one.steps[-1] > last}
    if not newer:
        return {}
    step = max(one.steps[-1] for one in newer.values())
    return {"step": step, **{name: one.values[-1] for name, one in newer.items()}}


def _facts(seen: Reading, now: float, last: float | None) -> Mapping[str, Cell]:
    info = seen.info
    age = None if info.updated is None else now - info.updated
    return {"id": info.id, "state": info.state, "step": last, "age_seconds": age, "cursor": last}


def _new(seen: Reading, since: float | None) -> Findings:
    """Return the findings, with ``since`` those that began or were seen again behind it."""
    every = parts.problems(seen.known.diagnosis, brief=True)
    if since is None:
        return every
    groups = seen.known.diagnosis.findings[: len(every.items)]
    kept = [
        item for item, group in zip(every.items, groups, strict=True) if group.last.step > since
    ]
    return Findings("findings", kept)


def _newest(seen: Reading) -> Fields:
    main, others = ordered(seen.known)
    shown = [*main, *others][:METRICS]
    return Fields("metrics", {one.name: one.last for one in shown}, importance=80)


def _values(seen: Reading, since: float) -> Table:
    """Return the metrics that were logged behind a step: what they were there, what they are."""
    main, others = ordered(seen.known)
    moved = [one for one in [*main, *others] if one.last_step > since]
    then = _then(seen, since, moved)
    columns = [
        Column("name", "metric", "name"),
        Column("then", f"at {words.step(since)}", "number"),
        Column("now", role="number"),
    ]
    rows = [(one.name, then.get(one.name), one.last) for one in moved[:METRICS]]
    return Table("metrics", columns, rows, importance=80)


def _then(seen: Reading, since: float, curves: Sequence[Curve]) -> dict[str, float]:
    """Return what metrics were at a step, or at their last one before it, if that is near."""
    if not curves:
        return {}
    names = [one.name for one in curves[:METRICS]]
    first = seen.known.first_step or 0.0
    reach = max(1.0, (since - first) * 0.05)
    window = seen.run.window(names, since - reach, since)
    return {name: one.values[-1] for name, one in window.items() if len(one)}


def _validation(seen: Reading) -> list[str]:
    """Return the last validation lines, without the noise."""
    if seen.info.state not in ("running", "crashed", "unknown"):
        return []
    lines = [line for line in quiet(seen.run.console(LINES)) if _VALIDATION.search(line)]
    return [line[:LONGEST_LINE] for line in lines[-VALIDATION:]]


def _nothing(seen: Reading, since: float | None) -> str:
    last = seen.known.last_step
    if since is None or (last is not None and last > since):
        return ""
    return f"nothing new since step {words.step(since)}"


def _more(workspace: Workspace, seen: Reading, last: float | None) -> str:
    if seen.info.state != "running" or last is None:
        return workspace.command("run", workspace.handle(seen.info))
    return workspace.command("live", workspace.handle(seen.info), "--since", words.step(last))
