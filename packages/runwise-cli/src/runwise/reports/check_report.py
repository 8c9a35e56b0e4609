"""What is wrong with a run, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.ending import besides, cause_of, in_words, with_cause
from runwise.errors import short
from runwise.reports import parts
from runwise.reports.checks import worst
from runwise.reports.reading import look, look_over
from runwise_format import Document, Fields, Findings, Notes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.reports.reading import Reading
    from runwise.workspace import Workspace
    from runwise_format.document import Block
    from runwise_parsers.alert import Alert

SHOWN = 20
ALERTS = 5
LONGEST_ALERT = 160


def check(
    workspace: Workspace, ref: str = "latest", *, keys: Sequence[str] = (), limit: int = SHOWN
) -> Document:
    """Return the findings of a run, up to a point for ``REF@POINT``.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    seen = look(workspace, ref, keys) if keys else look_over(workspace, ref)
    info, diagnosis = seen.info, seen.known.diagnosis
    cause = cause_of(seen.run, info) if seen.at is None else None
    facts = {
        "id": info.id,
        "state": info.state,
        "at_step": seen.at,
        "health": None if seen.sampled else diagnosis.health,
        "reason": seen.sample or diagnosis.reason,
    }
    blocks: list[Block] = [
        Fields("run", facts, quiet=True),
        with_cause(parts.problems(diagnosis, limit), cause),
        Fields("deductions", dict(diagnosis.deductions), quiet=True),
        _alerts(seen),
        parts.notes(seen.gaps, seen.sample, *seen.remarks),
    ]
    place = "" if seen.at is None else f" at step {words.step(seen.at)}"
    found = f"{parts.found(diagnosis) or 'nothing found'} in a sample"
    judged = besides(found if seen.sampled else parts.health(diagnosis), cause)
    looked = f"looked at {words.count(len(seen.known.curves), 'metric')}"
    why = f", {in_words(cause)}" if cause is not None else ""
    left = len(diagnosis.findings) - limit
    return Document(
        kind="check",
        title=parts.label(info),
        verdict=f"{parts.label(info)} {parts.state(info)}{why}{place}; {judged}; {looked}",
        blocks=blocks,
        more=_more(workspace, seen, crashed=cause is not None),
        dropped=[f"{left} findings"] if left > 0 else [],
    )


def _more(workspace: Workspace, seen: Reading, *, crashed: bool) -> str:
    """Return what to ask next: what was printed at the end, or for the curves."""
    handle = workspace.handle(seen.info)
    if crashed:
        return workspace.command("console", handle, "--errors")
    return workspace.command("run", handle) if seen.known.diagnosis.findings else ""


def _alerts(seen: Reading) -> Notes:
    """Return what the training script itself called attention to, the newest last."""
    if seen.sampled:
        return Notes("alerts", [])
    raised = seen.run.alerts()
    lines = [_alert(one) for one in raised[-ALERTS:]]
    more = len(raised) - len(lines)
    earlier = [f"{words.count(more, 'alert')} before these"] if more else []
    return Notes("alerts", [*earlier, *lines])


def _alert(one: Alert) -> str:
    """Return an alert in a line, cut where a script wrote a page."""
    where = "" if one.step is None else f" step {words.step(one.step)}"
    said = ": ".join(filter(None, (short(one.title), short(one.text, LONGEST_ALERT))))
    return f"alert{' ' if one.level else ''}{one.level}{where}: {said}"


def outcome(document: Document, fail_on: str) -> int:
    """Return the exit code: 0 nothing as grave as ``fail_on``, 1 something, 2 not judged."""
    if document.kind == "checks":
        return worst(document, fail_on)
    grave = parts.LEVELS[: parts.LEVELS.index(fail_on) + 1]
    for block in document.blocks:
        if isinstance(block, Findings) and any(item.severity in grave for item in block.items):
            return 1
    facts = [one for one in document.blocks if isinstance(one, Fields) and one.key == "run"]
    return 0 if facts and facts[0].items["health"] is not None else 2
