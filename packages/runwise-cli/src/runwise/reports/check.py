"""What is wrong with a run, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import read, study
from runwise.progress import TOTAL_STEPS, planned
from runwise.reports import parts
from runwise_format import Document, Fields, Findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.workspace import Workspace
    from runwise_format.document import Block

SHOWN = 20


def check(
    workspace: Workspace, ref: str = "latest", *, keys: Sequence[str] = (), limit: int = SHOWN
) -> Document:
    """Return the findings of a run. Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``."""
    info, _, remark = workspace.resolve(ref)
    run = workspace.open(info)
    series = read(run, keys)  # first: a whole pass learns the configuration too
    known = study(series, workspace.settings.roles, planned(run.config(), TOTAL_STEPS))
    diagnosis = known.diagnosis
    facts = Fields(
        "run",
        {
            "id": info.id,
            "state": info.state,
            "health": diagnosis.health,
            "reason": diagnosis.reason,
        },
        quiet=True,
    )
    lost = Fields("deductions", dict(diagnosis.deductions), quiet=True)
    left = len(diagnosis.findings) - limit
    blocks: list[Block] = [facts, parts.problems(diagnosis, limit), lost]
    blocks.append(parts.notes(run.gaps, remark))
    looked = f"looked at {words.count(len(known.curves), 'metric')}"
    return Document(
        kind="check",
        title=parts.label(info),
        verdict=f"{parts.label(info)} {parts.state(info)}; {parts.health(diagnosis)}; {looked}",
        blocks=blocks,
        more=f"runwise run {info.id}" if diagnosis.findings else "",
        dropped=[f"{left} findings"] if left > 0 else [],
    )


def outcome(document: Document, fail_on: str) -> int:
    """Return the exit code: 0 nothing as grave as ``fail_on``, 1 something, 2 not judged."""
    grave = parts.LEVELS[: parts.LEVELS.index(fail_on) + 1]
    for block in document.blocks:
        if isinstance(block, Findings) and any(item.severity in grave for item in block.items):
            return 1
    facts = [one for one in document.blocks if isinstance(one, Fields) and one.key == "run"]
    return 0 if facts and facts[0].items["health"] is not None else 2
