"""An answer on its way to a file, or to a pipe that wants nothing but data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise.aside import aside
from runwise.errors import BadSetting
from runwise.session import chosen_output
from runwise_format import Document, Notes, render
from runwise_format.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runwise.session import Session

SUFFIXES = {".csv": "csv", ".json": "json", ".md": "md", ".html": "html"}


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


def save(document: Document, path: Path, session: Session, output: str = "") -> None:
    """Write an answer to a file, and say so on stderr.

    Raises ``BadSetting`` for a file of a run: logs are never written.
    """
    free(path, session)
    text = render(document, output or output_of(path), max_tokens=session.max_tokens)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    wrote(document, path, session)


def wrote(document: Document, path: Path, session: Session) -> None:
    """Say on stderr that a file was written, and what was remarked."""
    if not session.quiet:
        _remark(document)
        aside([clean(f"wrote {path}")])


def free(path: Path, session: Session, refs: Iterable[str] = ()) -> None:
    """Raise ``BadSetting`` for a file inside a run, known or among ``refs``."""
    real = path.resolve()
    workspace = session.workspace
    asked = [workspace.resolve(ref)[0] for ref in refs]
    for info in (*asked, *workspace.runs, *workspace.deleted):
        if any(segment.resolve() in (real, *real.parents) for segment in info.segments):
            raise BadSetting(f"{path} belongs to run {info.id}", "Name another file.")


def _remark(document: Document) -> None:
    for block in document.blocks:
        if isinstance(block, Notes):
            aside(clean(line, 400) for line in block.lines)
