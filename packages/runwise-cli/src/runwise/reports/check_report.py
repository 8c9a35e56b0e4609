"""What is wrong with a run, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.reports import parts
from runwise.reports.checks import worst
from runwise.reports.reading import look
from runwise_format import Document, Fields, Findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.workspace import Workspace
    from runwise_format.document import Block

SHOWN = 20


def check(
    workspace: Workspace, ref: str = "latest", *, keys: Sequence[str] = (), limit: int = SHOWN
) -> Document:
    """Return the findings of a run, up to a point for ``REF@POINT``.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    seen = look(workspace, ref, keys)
    info, diagnosis = seen.info, seen.known.diagnosis
    facts = {
        "id": info.id,
        "state": info.state,
        "at_step": seen.at,
        "health": diagnosis.health,
        "reason": diagnosis.reason,
    }
    blocks: list[Block] = [
        Fields("run", facts, quiet=True),
        parts.problems(diagnosis, limit),
        Fields("deductions", dict(diagnosis.deductions), quiet=True),
        parts.notes(seen.run.gaps, *seen.remarks),
    ]
    place = "" if seen.at is None else f" at step {words.step(seen.at)}"
    looked = f"looked at {words.count(len(seen.known.curves), 'metric')}"
    left = len(diagnosis.findings) - limit
    return Document(
        kind="check",
        title=parts.label(info),
        verdict=(
            f"{parts.label(info)} {parts.state(info)}{place}; {parts.health(diagnosis)}; {looked}"
        ),
        blocks=blocks,
        more=workspace.command("run", workspace.handle(info)) if diagnosis.findings else "",
        dropped=[f"{left} findings"] if left > 0 else [],
    )


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
