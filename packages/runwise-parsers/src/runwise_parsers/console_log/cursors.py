"""Cursors of a text log: the place where reading stopped, and how to know the log again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.console_log.places import ConsolePosition, start
from runwise_parsers.cursor import fingerprint, read_cursor, real, whole, write_cursor
from runwise_parsers.json_log.piece import Place

if TYPE_CHECKING:
    from runwise_parsers.console_log.log import ConsoleLog


def cursor_at(place: Place, source: str, log: ConsoleLog | None) -> str:
    """Return the cursor to go on from; ``None`` is a log that cannot be read."""
    position = place.position
    memory = position if isinstance(position, ConsolePosition) else ConsolePosition()
    return write_cursor(
        source,
        at=place.offset,
        seen=place.seen,
        print=fingerprint(log.view, place.seen) if log else 0,  # pyright: ignore[reportArgumentType]  it opens as a path does
        form=log.identity() if log else [],
        rows=position.rows,
        step=position.step,
        segment=position.segment,
        done=position.done,
        epoch=memory.epoch,
        batch=memory.batch,
        headed=memory.headed,
    )


def resumed(cursor: str | None, source: str, log: ConsoleLog | None) -> tuple[Place, bool]:
    """Return where to go on; from the beginning, and said so, if the log was replaced.

    Raises ``ValueError`` for a cursor that is none of ``source``.
    """
    if cursor is None:
        return start(), False
    state = read_cursor(cursor, source)
    offset, seen = whole(state, "at"), whole(state, "seen")
    if seen and (log is None or not _is_same(log, seen, state)):
        return start(), True
    position = ConsolePosition(
        whole(state, "rows"),
        real(state, "step"),
        whole(state, "segment"),
        whole(state, "done"),
        real(state, "epoch") or 0.0,
        real(state, "batch") or 0.0,
        bool(state.get("headed")),
    )
    return Place(position, offset, seen), False


def _is_same(log: ConsoleLog, seen: int, state: dict[str, object]) -> bool:
    try:
        mark = fingerprint(log.view, seen)  # pyright: ignore[reportArgumentType]  it opens as a path does
        same = log.size() >= seen and mark == state.get("print")
        return same and log.identity() == state.get("form")
    except OSError:  # it was there a moment ago
        return False
