"""Where reading stopped: an opaque string a caller keeps and only the parser understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zlib import crc32

import orjson

if TYPE_CHECKING:
    from pathlib import Path

_MARK = 64
_VERSION = 1


def fingerprint(path: Path, offset: int) -> int:
    """Return a checksum of the file's first bytes and of those before ``offset``.

    An appended file keeps it; a rotated, truncated or rewritten one does not.
    """
    try:
        with path.open("rb") as file:
            head = file.read(min(_MARK, offset))
            file.seek(max(0, offset - _MARK))
            return crc32(file.read(min(_MARK, offset)), crc32(head))
    except OSError:
        return -1


def write_cursor(source: str, **state: object) -> str:
    """Return a cursor, under 2 KB."""
    return orjson.dumps({"runwise": _VERSION, "source": source, **state}).decode()


def read_cursor(cursor: str, source: str) -> dict[str, object]:
    """Return the state in a cursor.

    Raises ``ValueError`` if it is none, or one of another source.
    """
    try:
        state: object = orjson.loads(cursor)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"this is no cursor: {cursor[:40]!r}") from error
    known = cast("dict[str, object]", state) if isinstance(state, dict) else {}
    if known.get("runwise") != _VERSION or known.get("source") != source:
        raise ValueError(f"this cursor is not one of {source}: {cursor[:40]!r}")
    return known


def whole(state: dict[str, object], key: str) -> int:
    """Return an integer of a cursor's state.

    Raises ``ValueError`` where there is none.
    """
    value = state.get(key)
    if isinstance(value, int):
        return value
    raise ValueError(f"this cursor has no {key}")


def real(state: dict[str, object], key: str) -> float | None:
    """Return a number of a cursor's state, ``None`` where there is none."""
    value = state.get(key)
    return float(value) if isinstance(value, (int, float)) else None
