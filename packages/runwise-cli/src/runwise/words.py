"""Times and counts in words, short enough for an agent and plain enough for a person."""

from __future__ import annotations

import itertools
import math

_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def duration(seconds: float) -> str:
    """Return a length of time in its one or two largest units.

    >>> duration(0.25), duration(75), duration(7500), duration(2.5 * 86400)
    ('0.25s', '75s', '2h05min', '2d12h')
    """
    if not math.isfinite(seconds):
        return f"{seconds}s"
    seconds = max(0.0, seconds)
    if seconds < 1:
        return f"{seconds:.2g}s"
    if seconds < 100:
        return f"{seconds:.3g}s" if seconds < 10 else f"{seconds:.0f}s"
    for (size, unit), (smaller, smaller_unit) in itertools.pairwise(_UNITS):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            parts = math.floor(rest / smaller)
            if whole >= 10 or not parts:
                return f"{whole:.0f}{unit}"
            return f"{whole:.0f}{unit}{parts:02d}{smaller_unit}"
    return f"{seconds:.0f}s"


def ago(seconds: float) -> str:
    """Return how long ago something was, in its largest unit.

    >>> ago(3), ago(900), ago(4 * 86400), ago(-5)
    ('3s ago', '15min ago', '4d ago', 'in the future')
    """
    if not math.isfinite(seconds):
        return "at an unknown time"
    if seconds < -1:
        return "in the future"
    seconds = max(0.0, seconds)
    for size, unit in _UNITS:
        if seconds >= 1.5 * size or size == 1:
            return f"{seconds / size:.0f}{unit} ago"
    return "now"


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "warning"), count(3, "warning")
    ('1 warning', '3 warnings')
    """
    return f"{number} {noun}" + ("" if number == 1 else "s")


def size(number: float) -> str:
    """Return a number of bytes.

    >>> size(900), size(12_600_000), size(10.2e9)
    ('900 B', '12.6 MB', '10.2 GB')
    """
    units = ["B", "kB", "MB", "GB", "TB"]
    while number >= 1000 and len(units) > 1:
        number /= 1000
        units.pop(0)
    return f"{number:.3g} {units[0]}"


def step(value: float) -> str:
    """Return a step exactly: an integer where it is one.

    >>> step(5000.0), step(0.25)
    ('5000', '0.25')
    """
    return f"{value:.0f}" if math.isfinite(value) and value == int(value) else f"{value:.6g}"
