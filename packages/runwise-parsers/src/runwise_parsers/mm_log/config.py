"""What was set: in a log's first line, or in a file beside the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.json_log.beside import LARGEST, beginning
from runwise_parsers.json_log.peek import first_row
from runwise_parsers.mm_log.python_text import read_python

if TYPE_CHECKING:
    from pathlib import Path

_BESIDE = "config.py"


def config_of(path: Path) -> dict[str, object]:
    """Return the plain values of a log's configuration; it is Python, and nothing is run."""
    seed = first_row(path).get("seed")
    known: dict[str, object] = {} if seed is None else {"seed": seed}
    return read_python(config_text(path)) | known


def config_text(path: Path) -> str:
    """Return the text of a log's configuration, the first MB of it."""
    if path.name.endswith(".log.json"):
        text = first_row(path).get("config")
        return text[:LARGEST] if isinstance(text, str) else ""
    return beginning(path.parent / _BESIDE)
