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
from runwise_format.shelf import find_output
from runwise_format.style import Style

LONGEST_LINE = 1000
WIDTH = 100
"""Of an answer that goes to no terminal."""
LOWEST, USUAL, HIGHEST = 8, 16, 24
BESIDE = 12
"""Lines that stand around a chart: verdict, legend, how to ask for more, the next prompt."""


def show(document: Document, output: str, max_tokens: int | None, *, spark: bool = True) -> None:
    """Write ``document`` to stdout.

    Raises ``BadSetting`` where there is no such output.
    """
    stream: TextIO | None = sys.stdout
    if stream is None:  # a process may be started without one
        return
    must_know(output)
    style = _style(stream, output, spark=spark)
    try:
        counter = os.environ.get("RUNWISE_TOKENS") or "o200k"
        text = render(document, output, max_tokens=max_tokens, style=style, counter=counter)
    except LookupError as error:
        raise BadSetting(str(error.args[0]), "Name one with RUNWISE_TOKENS.") from error
    stream.write(text + "\n")
    stream.flush()


def must_know(output: str) -> None:
    """Raise ``BadSetting`` where there is no such output."""
    try:
        find_output(output)
    except LookupError as error:
        remedy = "Name one with --format or RUNWISE_FORMAT."
        raise BadSetting(str(error.args[0]), remedy) from error


def say(line: str = "") -> None:
    """Write one line of our own beside documents, in whatever stdout can show."""
    write_line(clean(line, LONGEST_LINE))


def write_line(line: str) -> None:
    """Write one line that is harmless already, at once, in whatever stdout can show."""
    stream: TextIO | None = sys.stdout
    if stream is not None:
        stream.write((line if _speaks_unicode(stream) else ascii_only(line)) + "\n")
        stream.flush()


def _style(stream: TextIO, output: str, *, spark: bool) -> Style:
    """Return how an answer looks on what stdout is."""
    columns, lines = shutil.get_terminal_size((WIDTH, 24))
    given = os.environ.get("COLUMNS", "").isdecimal()
    return Style(
        colour=wants_colour(stream),
        width=columns if stream.isatty() or given else WIDTH,
        ascii=not _speaks_unicode(stream) or (output == "text" and _is_plain_locale()),
        spark=spark,
        height=max(LOWEST, min(HIGHEST, lines - BESIDE)) if stream.isatty() else USUAL,
    )


def wants_colour(stream: TextIO) -> bool:
    """Say whether to colour: ``NO_COLOR`` forbids it, ``FORCE_COLOR`` asks for it in a pipe."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _is_plain_locale() -> bool:
    """Say whether somebody asked for nothing but ASCII; Python itself takes C for UTF-8."""
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    return next(filter(None, map(os.environ.get, names)), "") in ("C", "POSIX")


def _speaks_unicode(stream: TextIO) -> bool:
    try:
        return codecs.lookup(stream.encoding or "ascii").name.startswith("utf")
    except LookupError:
        return False
