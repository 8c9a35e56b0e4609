"""An answer on its way to a file, or to a pipe that wants nothing but data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from runwise.errors import BadSetting
from runwise.session import chosen_output
from runwise_format import Document, Notes, render
from runwise_format.safety import clean

if TYPE_CHECKING:
    from pathlib import Path

    from runwise.session import Session

SUFFIXES = {".csv": "csv", ".json": "json", ".md": "md"}


def output_of(path: Path) -> str:
    """Return the output a file's name asks for. Raises ``BadSetting`` for another ending."""
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise BadSetting(
            f"{path.name} is none of {', '.join(SUFFIXES)}", "Name the file by its format."
        ) from None


def piped(session: Session) -> str:
    """Return the output in force; ``csv`` for a pipe that nobody reads but programs."""
    if session.output:
        return session.output
    nobody_said = chosen_output(terminal=True) == "text"
    return "csv" if nobody_said and chosen_output() == "compact" else chosen_output()


def show(document: Document, output: str, session: Session) -> None:
    """Print an answer; where it is CSV, what was remarked goes to stderr."""
    session.output = output
    session.show(document)
    if output == "csv" and not session.quiet:
        _remark(document)


def save(document: Document, path: Path, session: Session) -> None:
    """Write an answer to a file, and say so on stderr.

    Raises ``BadSetting`` for a file of a run: logs are never written.
    """
    real = path.resolve()
    for info in (*session.workspace.runs, *session.workspace.deleted):
        if any(segment.resolve() in (real, *real.parents) for segment in info.segments):
            raise BadSetting(f"{path} belongs to run {info.id}", "Name another file.")
    path.write_text(render(document, output_of(path)) + "\n", encoding="utf-8", newline="\n")
    if not session.quiet:
        _remark(document)
        sys.stderr.write(clean(f"wrote {path}") + "\n")
        sys.stderr.flush()


def _remark(document: Document) -> None:
    for block in document.blocks:
        if isinstance(block, Notes):
            sys.stderr.write("".join(f"{clean(line, 400)}\n" for line in block.lines))
            sys.stderr.flush()
