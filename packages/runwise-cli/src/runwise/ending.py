"""How a run that did not finish ended, as far as what it printed says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_detect.crash import crash_cause
from runwise_format import Findings
from runwise_format.document import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_detect import Finding
    from runwise_parsers import Run, RunInfo

READ = 2000
"""Lines at the end of a console log that are looked at for a cause."""
NEAR = 40
"""Lines behind an exception above which the run went on after it: it was handled."""
LONGEST_MESSAGE = 150
EXCEPTION = "exception"
"""What ``crash_cause`` calls an exception that it knows nothing more about."""
UNFINISHED = ("failed", "crashed", "killed")


def cause_of(run: Run, info: RunInfo) -> Finding | None:
    """Return what ended a run, of the kind ``crash``; ``None`` where nothing printed says so."""
    if info.state not in UNFINISHED:
        return None
    return cause_in(run.console(READ))


def cause_in(lines: Sequence[str]) -> Finding | None:
    """Return what ended a run from the last lines it printed, ``None`` if it went on since."""
    found = crash_cause(lines)
    return found if found is not None and len(lines) - found.step <= NEAR else None


def in_words(cause: Finding | None) -> str:
    """Return what a verdict says of a cause: ``out of GPU memory``; empty for none."""
    kind, said = _parts(cause)
    if kind != EXCEPTION:
        return kind
    return said.partition(":")[0].rpartition(".")[2]


def with_cause(findings: Findings, cause: Finding | None) -> Findings:
    """Return findings with what ended the run before them.

    Of one that was interrupted by hand the verdict says all there is to say.
    """
    kind, said = _parts(cause)
    if cause is None or cause.severity == "info":
        return findings
    problem = Problem(
        severity=cause.severity,
        kind=cause.kind,
        metric="",
        step=None,
        message=said if len(said) <= LONGEST_MESSAGE else f"{said[:LONGEST_MESSAGE]}…",
        advice="" if kind == EXCEPTION else cause.advice,
        evidence={"cause": kind},
    )
    return Findings(findings.key, [problem, *findings.items], findings.importance, findings.title)


def besides(health: str, cause: Finding | None) -> str:
    """Return what a verdict says of the metrics of a run that ended for another reason."""
    if cause is None or cause.severity == "info":
        return health
    return health.replace("nothing found", "nothing else found")


def _parts(cause: Finding | None) -> tuple[str, str]:
    """Return the kind of a cause and what was printed of it."""
    if cause is None:
        return "", ""
    kind, _, said = cause.message.partition(" (")
    return kind, said.removesuffix(")")
