"""Print a document on whatever stdout is: a terminal, a pipe, an encoding of long ago."""

from __future__ import annotations

import codecs
import os
import shutil
import sys
from typing import TextIO

from runwise.errors import BadSetting
from runwise_format import Document, render
from runwise_format.safety import ascii_only, clean
from runwise_format.style import Style

LONGEST_LINE = 1000


def show(document: Document, output: str, max_tokens: int | None, *, spark: bool = True) -> None:
    """Write ``document`` to stdout.

    Raises ``BadSetting`` where there is no such output.
    """
    stream: TextIO | None = sys.stdout
    if stream is None:  # a process may be started without one
        return
    style = Style(
        colour=_wants_colour(stream),
        width=shutil.get_terminal_size().columns if stream.isatty() else 100,
        ascii=not _speaks_unicode(stream),
        spark=spark,
    )
    try:
        text = render(document, output, max_tokens=max_tokens, style=style)
    except LookupError as error:
        raise BadSetting(
            str(error.args[0]), "Name one with --format or RUNWISE_FORMAT."
        ) from error
    stream.write(text + "\n")
    stream.flush()


def say(line: str = "") -> None:
    """Write one line of our own beside documents, in whatever stdout can show."""
    stream: TextIO | None = sys.stdout
    if stream is not None:
        line = clean(line, LONGEST_LINE)
        stream.write((line if _speaks_unicode(stream) else ascii_only(line)) + "\n")


def _wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _speaks_unicode(stream: TextIO) -> bool:
    try:
        return codecs.lookup(stream.encoding or "ascii").name.startswith("utf")
    except LookupError:
        return False
