"""Whether a term holds for a run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeVar

from runwise.filters.grammar import CONFIG, NUMBERS, SPANS, TIMES, WORDS, Term, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runwise_format.cells import Cell
    from runwise_parsers import RunInfo

Ordered = TypeVar("Ordered", float, str)
BEGINNINGS = ("commit", "id", "created", "updated")
"""Fields of which ``:`` asks for the beginning."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What terms ask about a run besides its description; only what they ask for is there."""

    config: Mapping[str, Cell]
    metrics: Mapping[str, float]
    health: float | None = None


NOTHING = Facts({}, {})


def holds(term: Term, run: RunInfo, facts: Facts, now: float) -> bool:
    """Say whether a term holds for a run; where that lacks what is asked about, ``!WORD`` does."""
    values = values_of(term.field, run, facts, now)
    if not values:
        return term.turned and term.field in ("tag", *WORDS)
    return any(compared(term, value) for value in values) != term.turned


def values_of(name: str, run: RunInfo, facts: Facts, now: float) -> list[Cell]:
    """Return what a run has under a name: one value, several tags, or nothing."""
    found: list[Cell]
    if name == "tag":
        found = list(run.tags)
    elif name in WORDS:
        found = [getattr(run, name)]
    elif name in TIMES or name in SPANS:
        found = [_clock(name, run, now)]
    elif name in NUMBERS:
        steps = {"step": run.last_step, "exit_code": run.exit_code, "health": facts.health}
        found = [steps[name]]
    elif name.startswith(CONFIG):
        found = [facts.config.get(name.removeprefix(CONFIG))]
    else:
        found = [facts.metrics.get(name, _otherwise(name, facts.metrics))]
    return [value for value in found if value is not None and value != ""]


def _otherwise(name: str, metrics: Mapping[str, float]) -> float | None:
    """Return the value of a metric that somebody spells in another way: ``val_acc``."""
    return next((value for key, value in metrics.items() if spelt(key) == spelt(name)), None)


def spelt(name: str) -> str:
    """Return a metric's name without what people vary: separators, case, ``acc`` or all of it.

    >>> spelt("val_acc") == spelt("Val/Accuracy")
    True
    """
    return re.sub(r"acc$", "accuracy", re.sub(r"[\W_]+", "", name.lower()))


def _clock(name: str, run: RunInfo, now: float) -> float | None:
    if name in ("age", "updated_age"):
        return None if run.updated is None else now - run.updated
    if name == "created_age":
        return None if run.created is None else now - run.created
    if name == "runtime":
        known = run.clocked and run.updated is not None and run.created is not None
        return (run.updated or 0.0) - (run.created or 0.0) if known else None
    return run.updated if name == "updated" else run.created


def compared(term: Term, value: Cell) -> bool:
    """Say whether a value is as a term wants it, turned round or not."""
    name, sign, text = term.field, term.sign, term.text
    if name in ("since", "until"):
        at = number_of(name, text)
        return at is not None and (float(str(value)) >= at) == (name == "since")
    if sign in (":", "~"):
        said = _day(value) if name in TIMES else str(value)
        said, wanted = said.lower(), text.lower()
        if sign == "~":
            return wanted in said
        return said.startswith(wanted) if name in BEGINNINGS else _same(value, said, wanted)
    number = number_of(name, text)
    if number is None or isinstance(value, str) or not isinstance(value, (int, float)):
        return _ordered(sign, str(value).lower(), text.lower())
    if text.endswith("%") and abs(value) > 1:
        number *= 100  # the run counts in percent itself
    return _ordered(sign, float(value), number)


def _same(value: Cell, said: str, wanted: str) -> bool:
    number = number_of("", wanted)
    same = number is not None and not isinstance(value, (bool, str)) and value == number
    return said == wanted or same


def _ordered(sign: str, left: Ordered, right: Ordered) -> bool:
    if sign in ("=", "!="):
        return (left == right) == (sign == "=")
    if sign in ("<", ">"):
        return left < right if sign == "<" else left > right
    return left <= right if sign == "<=" else left >= right


def _day(value: Cell) -> str:
    if not isinstance(value, (int, float)):
        return ""
    try:
        return datetime.fromtimestamp(value, tz=timezone.utc).astimezone().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
