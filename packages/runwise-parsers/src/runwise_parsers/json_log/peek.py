"""A look at the beginning of a file, to see whether it is a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.json_log.rows import Row, parse

if TYPE_CHECKING:
    from pathlib import Path

PEEK = 1 << 14
_LONGEST = 1 << 20


def first_row(path: Path) -> Row:
    """Return the first row that stands in a file, an empty one where there is none.

    Reads 16 KB, and up to 1 MB where not even the first line ends in these.
    """
    data = _begin_of_any(path)
    rows = parse(data[: data.rfind(b"\n") + 1] or data)[0]
    return rows[0] if rows else {}


def is_cut(path: Path) -> bool:
    """Say whether a file ends before its first line does: its writer has only begun."""
    return path.is_file() and b"\n" not in _begin_of_any(path) and not first_row(path)


def begin(path: Path) -> bytes:
    """Return the whole lines at the beginning, none where the first is longer than a look.

    Of a file that ends within the look, also a last line without its end.
    """
    data = _begin(path)
    return data[: data.rfind(b"\n") + 1] or (data if len(data) < PEEK else b"")


def _begin(path: Path) -> bytes:
    with path.open("rb", buffering=0) as file:
        data = file.read(PEEK)
        if b"\n" not in data and len(data) == PEEK:
            data += file.read(_LONGEST)
    return data


def _begin_of_any(path: Path) -> bytes:
    try:
        return _begin(path)
    except OSError:
        return b""
