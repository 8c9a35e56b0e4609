"""Stretches of a log in which steps do not fall: its segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator


def stretches(steps: array[float], before: float | None) -> Iterator[tuple[int, int, int]]:
    """Yield ``(begin, end, falls so far)`` of the stretches in which steps do not fall.

    ``before`` is the step of the row before the first.
    """
    begin = 0
    falls = int(bool(steps) and before is not None and steps[0] < before)
    for end in (*_falls(steps), len(steps)):
        yield begin, end, falls
        begin, falls = end, falls + 1


def _falls(steps: array[float]) -> list[int]:
    listed = steps.tolist()
    if listed == sorted(listed):  # nearly always, and a tenth of the cost of the other
        return []
    return [at for at in range(1, len(listed)) if listed[at] < listed[at - 1]]
