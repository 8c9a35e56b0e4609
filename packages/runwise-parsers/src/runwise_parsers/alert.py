"""What a run or its tracker called attention to while it ran."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as the training script raised it.

    ``level`` is the tracker's own word in lower case (``info``, ``warn``, ``error``). ``step``
    and ``time`` (Unix seconds) are ``None`` where the tracker kept none.
    """

    title: str
    text: str = ""
    level: str = ""
    step: float | None = None
    time: float | None = None
