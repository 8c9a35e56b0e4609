"""What several reports say in the same words: states, findings, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import short, some
from runwise_format import Findings, Notes
from runwise_format.document import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise.progress import Progress
    from runwise.workspace import Workspace
    from runwise_detect import Diagnosis
    from runwise_parsers import Gap, RunInfo

MOST_NOTES = 6
MOST_FINDINGS = 8
MOST_RUNNING = 3
ENDED = ("finished", "failed", "killed")
NOTEWORTHY = 0.1
"""Seconds between rows below which nobody waits for the next one."""
LOST = 86_400.0
"""Seconds of silence after which nobody waits any more."""


def label(info: RunInfo, length: int = 48) -> str:
    """Return how a run is called: name and id, or its id."""
    if info.name and info.name != info.id:
        return f"{short(info.name, length)} ({short(info.id)})"
    return short(info.id, length)


def state(info: RunInfo) -> str:
    """Return a run's state, and its exit code where it tells more."""
    if info.state == "failed":
        return "failed" if info.exit_code is None else f"failed (exit {info.exit_code})"
    return "crashed (no exit record)" if info.state == "crashed" else info.state


def age(info: RunInfo, progress: Progress, now: float) -> str:
    """Return how old the data are, and how often rows usually come."""
    if info.updated is None:
        return ""
    when = words.ago(now - info.updated)
    if not info.clocked:
        return f"file written {when}"
    if info.updated == info.created:
        return f"began {when}"  # nothing later is known
    if info.state in ENDED:
        return f"ended {when}"
    awaited = info.state == "running" or now - info.updated < LOST
    often = awaited and progress.interval is not None and progress.interval >= NOTEWORTHY
    usual = f", usually every {words.duration(progress.interval or 0)}" if often else ""
    return f"last sign {when}{usual}"


def far(progress: Progress) -> str:
    """Return how far a run is."""
    if progress.done is None:
        return ""
    done = words.step(progress.done)
    if progress.share is None or progress.total is None:
        return f"{progress.unit} {done}"
    left = f", ETA {words.duration(progress.eta)}" if progress.eta is not None else ""
    percent = int(100 * progress.share)  # rounded down: 100% means done
    return f"{progress.unit} {done} of {words.step(progress.total)} ({percent}%){left}"


def problems(diagnosis: Diagnosis, limit: int = MOST_FINDINGS, *, brief: bool = False) -> Findings:
    """Return findings as a block, grouped by kind and metric, the gravest first.

    ``brief`` keeps the first piece of an advice: what to do at once.
    """
    items: list[Problem] = []
    for group in diagnosis.findings[:limit]:
        first, worst = group.first, group.worst
        message = first.message
        if group.count > 1:
            message += f"; last at {words.step(group.last.onset_step)}"
        items.append(
            Problem(
                severity=group.severity,
                kind=group.kind,
                metric=group.metric,
                step=first.onset_step,
                message=message,
                advice=f"{first.advice.rstrip('.').partition('; ')[0]}."
                if brief
                else first.advice,
                evidence={
                    "detected_step": first.step,
                    "end_step": group.last.end_step,
                    "status": group.last.status,
                    "value": first.value,
                    "worst": worst.worst if worst.worst is not None else worst.value,
                    "baseline": first.baseline,
                    "statistic": first.statistic,
                    "threshold": first.threshold,
                },
                count=group.count,
            )
        )
    return Findings("findings", items)


def health(diagnosis: Diagnosis) -> str:
    """Return the health in words: what was found, or that nothing was, or why nobody knows."""
    if diagnosis.health is None:
        return found(diagnosis) or f"not judged: {diagnosis.reason}"
    return f"health {diagnosis.health}: {found(diagnosis) or 'nothing found'}"


def found(diagnosis: Diagnosis) -> str:
    """Return how many findings of which severity there are, empty for none."""
    grave = [(sum(g.severity == level for g in diagnosis.findings), level) for level in LEVELS]
    return ", ".join(
        words.count(number, level) if level == "warning" else f"{number} {level}"
        for number, level in grave
        if number
    )


def running(workspace: Workspace, besides: RunInfo) -> str:
    """Return which other runs are active, empty for none."""
    active = [workspace.handle(one) for one in workspace.active(besides)]
    return f"also running: {some(active, MOST_RUNNING)}" if active else ""


LEVELS = ("critical", "warning", "info")


def notes(gaps: Iterable[Gap], *remarks: str) -> Notes:
    """Return gaps and remarks as a block; of many, how many more there are."""
    lines = [remark for remark in remarks if remark] + [str(gap) for gap in gaps]
    more = len(lines) - MOST_NOTES
    return Notes("notes", [*lines[:MOST_NOTES], *([f"{more} more notes"] if more > 0 else [])])
