"""Places in a text log: what is remembered between its lines."""

from __future__ import annotations

from dataclasses import dataclass

from runwise_parsers.json_log.piece import Place
from runwise_parsers.json_log.steps import Position


@dataclass(slots=True)
class ConsolePosition(Position):
    """What must be remembered between two windows of lines: also the epoch and the batch in it."""

    epoch: float = -1.0
    batch: float = -1.0
    headed: bool = False


def start() -> Place:
    """Return the beginning of a log."""
    return Place(ConsolePosition(), 0, 0)
