"""What is known of a run without reading its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.gap import Gap

FRESH_SECONDS = 90.0
KILLED_EXIT_CODE = 255


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run as its log describes it, from head and tail alone.

    ``state`` is one of W&B's words: ``running finished failed crashed killed unknown``.
    ``created`` and ``updated`` are Unix seconds from clocks inside the log (``updated`` falls
    back to the file's own time where the log keeps none, and ``clocked`` is then false).
    ``segments`` are the run directories or log files of one run, oldest first: a resumed run is
    one run with several. ``last_step`` is the newest step on disk, ``gaps`` what head and tail
    miss. ``total_steps`` is the step the run means to reach, where it says so; ``deleted`` marks
    a run its tracker keeps but no longer shows; ``parts`` names what a run consists of where it
    has several (the ranks of a distributed training). ``forked_from`` is the run it branched off
    and the last step it shares with that one: ``3k9x1mzp@500``.
    """

    source: str
    id: str
    name: str = ""
    state: str = "unknown"
    created: float | None = None
    updated: float | None = None
    clocked: bool = True
    project: str = ""
    group: str = ""
    job_type: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    sweep: str = ""
    commit: str = ""
    command: str = ""
    host: str = ""
    segments: tuple[Path, ...] = ()
    exit_code: int | None = None
    last_step: float | None = None
    total_steps: float | None = None
    deleted: bool = False
    parts: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    forked_from: str = ""

    @property
    def path(self) -> Path:
        """The newest segment: the directory or file to look at first."""
        return self.segments[-1]


def judge_state(
    exit_code: int | None,
    *,
    recorded: bool,
    newest: float | None,
    modified: float | None,
    now: float,
    ends_are_recorded: bool = True,
) -> str:
    """Return the state of a run in W&B's words.

    Without an exit record a run is ``running`` only if the newest clock inside the log and the
    file's modification time are both within 90 s of ``now``: a copied or cloned file has a
    fresh modification time and means nothing. ``ends_are_recorded=False`` is for formats that
    never write how a run ended; there, silence means ``unknown``, not ``crashed``.

    >>> judge_state(0, recorded=True, newest=None, modified=None, now=0.0)
    'finished'
    >>> judge_state(None, recorded=True, newest=1.0, modified=500.0, now=500.0)
    'crashed'
    """
    if exit_code is not None:
        if exit_code == 0:
            return "finished"
        return "killed" if exit_code == KILLED_EXIT_CODE else "failed"
    if not recorded:
        return "unknown"
    clocks = (newest, modified)
    if all(clock is not None and abs(now - clock) <= FRESH_SECONDS for clock in clocks):
        return "running"
    return "crashed" if ends_are_recorded else "unknown"
