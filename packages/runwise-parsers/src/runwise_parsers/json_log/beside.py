"""Text files that lie beside a log: what was printed, and what was set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.lines import last_lines

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1 << 20
"""Bytes of a configuration that are read."""
_LINE = 1 << 12


def beginning(path: Path, size: int = LARGEST) -> str:
    """Return the beginning of a text file, nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""


def printed(path: Path | None, last: int) -> list[str]:
    """Return the last lines of a file of printed lines, as a terminal would have shown them."""
    if path is None or last < 1:
        return []
    try:
        text = last_lines(path, last * _LINE).decode("utf-8", "replace")
    except OSError:
        return []
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return [line.rsplit("\r", 1)[-1] for line in lines if text][-last:]
