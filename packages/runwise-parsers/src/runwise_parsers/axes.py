"""The columns that order a log's rows: which one is the step, and which one the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import chain
from typing import TYPE_CHECKING

from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

STEP_KEYS = (
    "_step", "step", "global_step", "trainer/global_step", "train/global_step", "current_steps",
    "current_step", "iteration", "iter", "n_iter", "steps", "timestep", "timesteps",
    "time/total_timesteps", "total_timesteps", "num_updates", "update", "batch", "epoch",
)  # fmt: skip
"""Names of the step, the surest first; compared without regard to case."""
CLOCK_KEYS = (
    "_timestamp",
    "timestamp",
    "wall_time",
    "datetime",
    "date",
    "ts",
    "time",
    "created_at",
)
_FIRST_CLOCK, _LAST_CLOCK = 631_152_000.0, 4_102_444_800.0  # the years 1990 and 2100
_MILLIS = 1e3


@dataclass(frozen=True, slots=True)
class Axes:
    """The keys that hold a row's step and its time, empty where there is none.

    A row that has no step belongs to that of the row before it, or to the number under
    ``floor``, if it has one and that is higher.
    """

    step: str = ""
    clock: str = ""
    floor: str = ""


def axes_of(rows: Iterable[Mapping[str, object]]) -> Axes:
    """Return the keys that most of the first rows call their step and their time."""
    met = list(rows)
    return Axes(
        _axis(met, STEP_KEYS, lambda value: as_number(value) is not None),
        _axis(met, CLOCK_KEYS, lambda value: clock_of(value) is not None),
    )


def _axis(
    rows: list[Mapping[str, object]], known: tuple[str, ...], fits: Callable[[object], bool]
) -> str:
    wanted = frozenset(known)
    counts = {
        key: sum(fits(row[key]) for row in rows if key in row)
        for key in dict.fromkeys(chain.from_iterable(rows))
        if key.lower() in wanted
    }
    names = {key.lower(): key for key in reversed(counts) if counts[key]}
    for name in known:
        key = names.get(name)
        if key is not None and counts[key] * 2 >= len(rows):
            return key
    return ""


def clock_of(value: object) -> float | None:
    """Return a logged time as Unix seconds: a number in seconds or milliseconds, or ISO 8601."""
    if isinstance(value, str):
        return _iso(value)
    number = None if isinstance(value, bool) else as_number(value)
    if number is None:
        return None
    for scale in (1.0, _MILLIS):
        if _FIRST_CLOCK <= number / scale <= _LAST_CLOCK:
            return number / scale
    return None


def _iso(text: str) -> float | None:
    try:
        when = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    seconds = when.timestamp()
    return seconds if _FIRST_CLOCK <= seconds <= _LAST_CLOCK else None


def in_seconds(column: Sequence[float]) -> bool:
    """Say whether numbers are Unix seconds as they are."""
    return bool(column) and min(column) >= _FIRST_CLOCK and max(column) <= _LAST_CLOCK
