"""Which printed metric is which recorded one: by name and by value, never by one alone."""

from __future__ import annotations

import re
from math import isclose
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDED = 0.02
"""Share by which a printed value may differ: two digits are often all that is printed."""
_WORDS = re.compile(r"[^a-z0-9]+")


def same_metrics(printed: Mapping[str, float], recorded: Mapping[str, object]) -> dict[str, str]:
    """Return the recorded name of each printed metric of which there is no doubt.

    >>> same_metrics({"loss": 0.37, "lr": 0.1}, {"train/loss": 0.3674, "val/loss": 0.9, "lr": 0.5})
    {'loss': 'train/loss'}
    """
    numbers = {
        name: float(value)
        for name, value in recorded.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    found: dict[str, str] = {}
    for name, value in printed.items():
        fitting = [
            other
            for other, known in numbers.items()
            if other != name
            and _ends_alike(other, name)
            and isclose(value, known, rel_tol=ROUNDED)
        ]
        if len(fitting) == 1 and name not in numbers:
            found[name] = fitting[0]
    taken = list(found.values())
    return {name: other for name, other in found.items() if taken.count(other) == 1}


def _ends_alike(recorded: str, printed: str) -> bool:
    """Say whether a recorded name ends in the words of a printed one: ``train/loss``, ``loss``."""
    long, short = _words(recorded), _words(printed)
    return bool(short) and long[-len(short) :] == short


def _words(name: str) -> list[str]:
    return [word for word in _WORDS.split(name.lower()) if word]
