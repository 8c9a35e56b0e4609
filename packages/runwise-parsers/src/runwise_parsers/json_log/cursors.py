"""Cursors of a JSON Lines log: the place where reading stopped, and how to know the log again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.cursor import fingerprint, read_cursor, real, whole, write_cursor
from runwise_parsers.json_log.piece import Place
from runwise_parsers.json_log.steps import Position

if TYPE_CHECKING:
    from runwise_parsers.json_log.log import JsonLog

START = Place(Position(), 0, 0)


def cursor_at(place: Place, source: str, log: JsonLog | None) -> str:
    """Return the cursor to go on from; ``None`` is a log that cannot be read."""
    position = place.position
    return write_cursor(
        source,
        at=place.offset,
        seen=place.seen,
        print=fingerprint(log.path, place.seen) if log else 0,
        axes=identity_of(log),
        rows=position.rows,
        step=position.step,
        segment=position.segment,
        done=position.done,
    )


def resumed(cursor: str | None, source: str, log: JsonLog | None) -> tuple[Place, bool]:
    """Return where to go on; from the beginning, and said so, if the log was replaced.

    Raises ``ValueError`` for a cursor that is none of ``source``.
    """
    if cursor is None:
        return START, False
    state = read_cursor(cursor, source)
    offset, seen = whole(state, "at"), whole(state, "seen")
    same = log is not None and fingerprint(log.path, seen) == state.get("print")
    # With other keys for step and time, what was handed out would be called differently.
    if not same or identity_of(log) != state.get("axes") or size_of(log) < seen:
        return START, True
    position = Position(
        whole(state, "rows"), real(state, "step"), whole(state, "segment"), whole(state, "done")
    )
    return Place(position, offset, seen), False


def identity_of(log: JsonLog | None) -> list[object]:
    """Return what the rows' steps and names depend on."""
    try:
        return log.identity() if log else []
    except OSError:  # it was there a moment ago
        return []


def size_of(log: JsonLog | None) -> int:
    """Return the bytes of a log on disk, 0 where it is gone."""
    try:
        return log.size() if log else 0
    except OSError:
        return 0
