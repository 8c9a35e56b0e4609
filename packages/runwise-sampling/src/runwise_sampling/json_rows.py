"""Rows of a JSON Lines log: a step and numbers, and how real files break them.

    {"step": 0, "loss": 2.31}
    {"step": 1, "loss": NaN, "lr": 0.001}

NaN and Infinity are no JSON, but Python's own writer makes them, and W&B writes them as
strings: both count as numbers. A line that is cut or torn is unreadable, is counted, and
spoils no other line. The step is the first of ``STEPS`` that a row has as a number.

runwise-parsers reads the same format in full; these lines are written twice so that either
package lives alone.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS = ("_step", "step", "global_step", "train/global_step", "iteration", "iter")
_WORDS = {"NaN", "Infinity", "-Infinity"}

Columns = tuple["array[float]", "array[float]"]


@dataclass(slots=True)
class Tally:
    """What a pass met: ``rows`` that could be read, ``unreadable`` lines, ``stepless`` rows."""

    rows: int = 0
    unreadable: int = 0
    stepless: int = 0


@dataclass(slots=True)
class Rows:
    """Collects columns of steps and values from lines, by metric."""

    keys: frozenset[str] | None
    step: str | None
    tally: Tally = field(default_factory=Tally)
    columns: dict[str, Columns] = field(default_factory=dict[str, Columns])

    def add(self, line: bytes) -> bool:
        """Add one line; return whether it could be read. An empty one is no row."""
        row = _row(line)
        if row is None:
            self.tally.unreadable += bool(line.strip())
            return False
        self.tally.rows += 1
        step = self._step(row)
        if step is None:
            self.tally.stepless += 1
            return True
        for key in row.keys() if self.keys is None else self.keys & row.keys():
            value = number(row[key])
            if value is not None and (self.keys is not None or key not in STEPS):
                self._add(key, step, value)
        return True

    def _add(self, key: str, step: float, value: float) -> None:
        columns = self.columns.get(key)
        if columns is None:
            columns = self.columns[key] = (array("d"), array("d"))
        columns[0].append(step)
        columns[1].append(value)

    def _step(self, row: dict[str, Any]) -> float | None:
        names: Iterable[str] = STEPS if self.step is None else (self.step,)
        found = (number(row[name]) for name in names if name in row)
        return next((step for step in found if step is not None), None)


def number(value: object) -> float | None:
    """Return the value as a float if it is a number, or a word for one; else None."""
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:  # an integer of 309 digits or more
            return None
    return float(value) if isinstance(value, str) and value in _WORDS else None


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = orjson.loads(line)
    except ValueError:
        row = _lenient(line)
    return cast("dict[str, Any]", row) if isinstance(row, dict) else None


def _lenient(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
