"""What a run printed: its end without the noise, or what went wrong in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise import words
from runwise.ending import READ, UNFINISHED, cause_in, in_words, with_cause
from runwise.quiet_lines import TRACEBACK, pieces
from runwise.reports import parts
from runwise_format import Document, Fields, Findings, Notes
from runwise_format.redaction import redacted_lines

if TYPE_CHECKING:
    from runwise.workspace import Workspace
    from runwise_detect import Finding
    from runwise_parsers import RunInfo

LINES = 40
LONGEST_LINE = 240
AT_LEAST = 5000
"""Printed lines that are looked at for as many quiet ones as are shown."""
FRAMES = 14
"""Lines at the end of a traceback that are shown among errors."""
_GRAVE = re.compile(
    r"\b(?:[A-Z]\w*)?(?:Error|Exception)\b|\b(?:ERROR|CRITICAL|FATAL|error|fatal|Killed|OOM|"
    r"[Oo]ut of memory|Aborted|core dumped|failed|Failed|FAILED|SIGKILL|SIGTERM|slurmstepd)\b"
)


def console(
    workspace: Workspace, ref: str = "latest", *, limit: int = LINES, errors: bool = False
) -> Document:
    """Return the last lines a run printed, at most ``limit``, without progress bars and repeats.

    With ``errors``, only tracebacks and lines that report trouble. What ended a run that did not
    finish comes first.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    info, _, remark = workspace.resolve(ref)
    printed = workspace.open(info).console(max(AT_LEAST, 4 * limit))
    cause = cause_in(printed[-READ:]) if info.state in UNFINISHED else None
    kept = _grave(pieces(printed)) if errors else pieces(printed)
    lines = [line for piece in kept for line in piece.split("\n")]
    shown = [_cut(line) for line in redacted_lines(lines[-limit:])]
    left = len(lines) - len(shown)
    handle = workspace.handle(info)
    return Document(
        kind="console",
        title=parts.label(info),
        verdict=_verdict(info, cause, len(lines), errors=errors, printed=len(printed)),
        blocks=[
            Fields("run", _facts(info, len(printed), len(shown)), quiet=True),
            with_cause(Findings("findings", []), cause),
            Notes("lines", shown, importance=70),
            parts.notes((), remark),
        ],
        more=workspace.command("run" if errors else "check", handle) if printed else "",
        dropped=[f"{words.count(left, 'earlier line')} (-n {len(lines)})"] if left > 0 else [],
    )


def _facts(info: RunInfo, printed: int, shown: int) -> dict[str, str | int]:
    return {"id": info.id, "state": info.state, "printed": printed, "shown": shown}


def _verdict(
    info: RunInfo, cause: Finding | None, lines: int, *, errors: bool, printed: int
) -> str:
    why = f", {in_words(cause)}" if cause is not None else ""
    said = f"{parts.label(info)} {parts.state(info)}{why}"
    if not printed:
        return f"{said}: nothing it printed was kept"
    if errors:
        return f"{said}: {words.count(lines, 'line') if lines else 'no line'} of trouble printed"
    return f"{said}: {words.count(lines, 'line')} without noise of {printed} printed"


def _grave(found: list[str]) -> list[str]:
    """Return tracebacks, the ends of long ones, and lines that say something failed."""
    grave: list[str] = []
    for piece in found:
        if TRACEBACK in piece:
            lines = piece.split("\n")
            head = [lines[0], "  ..."] if len(lines) > FRAMES else []
            grave.append("\n".join([*head, *lines[-FRAMES if head else 0 :]]))
        elif _GRAVE.search(piece):
            grave.append(piece)
    return grave


def _cut(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    half = LONGEST_LINE // 2
    return f"{line[:half]} ...{len(line) - 2 * half} more... {line[-half:]}"
