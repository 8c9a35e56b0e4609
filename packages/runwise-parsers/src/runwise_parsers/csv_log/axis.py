"""Which column of a table orders its rows, and which one holds their time.

Names alone do not tell: ``step`` and ``batch`` may count within an epoch, and then the epoch is
what rises. A clock is a time of day; ``time`` is often the seconds since the start, a metric.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from runwise_parsers.axes import CLOCK_KEYS, STEP_KEYS, clock_of, in_seconds
from runwise_parsers.csv_log.number import number_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from runwise_parsers.csv_log.block import Block

_MORE_STEPS = (
    "iterations", "itr", "iter_num", "training_step", "train_step", "train_steps", "opt_step",
    "total_steps", "total_env_steps", "num_timesteps", "timesteps_total", "timestepssofar",
    "totalenvinteracts", "nupdates", "training_iteration", "global_episode",
)  # fmt: skip
EPOCHS = ("epoch", "epochs", "epoch_num")
_EPISODES = ("episode", "episodes", "num_episodes", "ep", "round", "generation")
STEPS = (*(key for key in STEP_KEYS if key != "epoch"), *_MORE_STEPS, *EPOCHS, *_EPISODES)
"""Names of the step, the surest first, as ``plain`` writes them."""
WITHIN_AN_EPOCH = frozenset({"batch", "update"})
_STILL = 8
_DATED = len("2026-01-02")
_SLASHED = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)?")


def plain(name: str) -> str:
    """Return a column's name as names are compared.

    >>> plain(" Global Step"), plain("Wall-time")
    ('global_step', 'wall_time')
    """
    return re.sub(r"[\s\-.]+", "_", name.strip().lower())


def rank_of(name: str) -> int | None:
    """Return how sure a name is to mean the step, 0 the surest; ``None`` if it does not."""
    called = plain(name)
    for bonus, each in ((0, called), (len(STEPS), called.rpartition("/")[2])):
        if each in STEPS:
            return STEPS.index(each) + bonus
    return None


def step_column(names: Sequence[str], block: Block, texts: Collection[int]) -> int | None:
    """Return the place of the column that orders the rows, ``None`` if none does."""
    ranks = [(rank_of(name), place) for place, name in enumerate(names) if place not in texts]
    known = sorted((rank, place) for rank, place in ranks if rank is not None)
    known = [pair for pair in known if _counts(names[pair[1]], block.column(pair[1]))]
    if not known:
        return None
    curves = {place: finite(block.column(place)) for _, place in known}
    places = [place for _, place in known]
    if any(plain(names[place]) in EPOCHS for place in places):
        places = [place for place in places if plain(names[place]) not in WITHIN_AN_EPOCH]
    moving = [place for place in places if _moves(curves[place])] or places
    # What goes back more often than another counts within an epoch or an episode.
    return min(moving, key=lambda place: falls(curves[place]))


def _counts(name: str, cells: Sequence[str]) -> bool:
    """Say whether a column holds mostly numbers; an epoch may also be a time of day."""
    curve = finite(cells)
    is_clock = plain(name) in EPOCHS and in_seconds(curve)
    return len(curve) * 2 >= len(cells) and not is_clock


def _moves(curve: Sequence[float]) -> bool:
    """Say whether a column does anything but stand still."""
    return len(curve) < _STILL or len(set(curve)) > 1


def finite(cells: Sequence[str]) -> list[float]:
    """Return the finite numbers of a column."""
    found = (number_of(cell) for cell in cells)
    return [number for number in found if number is not None and isfinite(number)]


def falls(curve: Sequence[float]) -> int:
    """Return how often a column goes back.

    >>> falls([0, 1, 1, 2, 0, 1])
    1
    """
    return sum(later < before for before, later in pairwise(curve))


def clock_column(names: Sequence[str], block: Block) -> int | None:
    """Return the place of the column that holds the time of day, ``None`` if none does."""
    places = {plain(name): place for place, name in reversed(list(enumerate(names)))}
    for key in CLOCK_KEYS:
        place = places.get(key)
        if place is None or not block.count:
            continue
        cells = [cell for cell in block.column(place) if cell.strip()]
        if cells and sum(time_of(cell) is not None for cell in cells) * 2 > len(cells):
            return place
    return None


def time_of(cell: str) -> float | None:
    """Return a cell as Unix seconds: seconds, milliseconds or ISO 8601 with a time of day."""
    text = cell.strip()
    number = number_of(text)
    if number is not None:
        return clock_of(number)
    if len(text) <= _DATED:
        return None
    if _SLASHED.fullmatch(text):
        text = text.replace("/", "-")
    found = clock_of(text)
    return found if found is not None else _with_fraction(text)


def _with_fraction(text: str) -> float | None:
    """Read ISO 8601 with any number of digits behind the second, as Python 3.10 cannot."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?", text)
    if match is None:
        return None
    try:
        when = datetime.fromisoformat(match[1] + _zone(match[3]))
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return clock_of(when.timestamp() + float(match[2] or 0))


def _zone(text: str | None) -> str:
    if text is None or text == "Z":
        return "+00:00"
    return text if ":" in text else f"{text[:3]}:{text[3:]}"
