"""How a number is written in few characters.

Fewer digits is the one saving that every tokenizer honours, so three significant digits are
the rule, the zero before the point goes (``.348``), and so do zeros at the end. Whole numbers
are exact: they are steps and counts. Large fractions keep the digits before the point, which
cost no more than rounding them away.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from runwise_format.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXACT = 1e9  # a whole float below is a count; above, it is a magnitude
WHOLE = 10**21  # an integer below is exact, 64-bit seeds included
PLAIN = 1e6  # a fraction below is written without an exponent
TINY = 1e-4  # below, an exponent is shorter to read than zeros

SMALL = 1e-2  # a column below throughout is a candidate for scaling
SMALL_SCALES = (-3, -6, -9, -12)
LARGE_SCALES = (6, 9, 12)


def short(value: float, digits: int = 3) -> str:
    """Return ``value`` to ``digits`` significant digits, without the zero before the point.

    >>> [short(value) for value in (0.34812, 2.0, -0.5, 12345.678, 1.234e9, 2.5e-5)]
    ['.348', '2', '-.5', '12346', '1.23e9', '2.5e-5']
    """
    text = decimal(value, digits)
    if text.startswith("0."):
        return text[1:]
    return "-" + text[2:] if text.startswith("-0.") else text


def decimal(value: float, digits: int = 4) -> str:
    """Return ``value`` to ``digits`` significant digits as people write it: ``0.348``.

    Integers, and whole floats below 1e9, are exact. NaN and infinities are ``NaN``, ``inf``
    and ``-inf``.
    """
    if isinstance(value, int) and abs(value) < WHOLE:
        return str(int(value))
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{value}"
    size = abs(value)
    if size < EXACT and value == int(value):
        return str(int(value))
    if 10 ** (digits - 1) <= size < PLAIN:
        return f"{value:.0f}"
    rounded = min(f"{value:.{digits}g}", repr(value), key=len)  # repr knows the smallest ones
    mantissa, e, exponent = rounded.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def exact_step(value: float) -> str:
    """Return a step without rounding it to a magnitude: 5000000000, not 5e9."""
    if abs(value) < WHOLE and value == int(value):
        return str(int(value))
    return decimal(value, 9)


def duration(seconds: float) -> str:
    """Return a time span in its two largest units.

    >>> [duration(seconds) for seconds in (0.25, 45, 754, 5400, 200_000)]
    ['.25s', '45s', '12m34s', '1h30m', '2d7h']
    """
    if not math.isfinite(seconds) or abs(seconds) < 60:
        return f"{short(seconds)}s"
    sign, left = "-" if seconds < 0 else "", round(abs(seconds))
    for size, unit, part, part_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "m")):
        if left >= size:
            rest = left % size // part
            return f"{sign}{left // size}{unit}" + (f"{rest}{part_unit}" if rest else "")
    return f"{sign}{left // 60}m" + (f"{left % 60}s" if left % 60 else "")


def age(seconds: float) -> str:
    """Return a time span in its largest unit, which is enough for how old something is.

    >>> [age(seconds) for seconds in (3.2, 754, 5400, 200_000)]
    ['3s', '13m', '2h', '2d']
    """
    if math.isfinite(seconds):
        for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
            if abs(seconds) >= 1.5 * size:
                return f"{seconds / size:.0f}{unit}"
        return f"{seconds:.0f}s"
    return duration(seconds)


def telling(
    values: Sequence[float],
    digits: int = 3,
    most: int = 4,
    write: Callable[[float, int], str] = short,
) -> list[str]:
    """Return ``values`` shortened, with more digits where unequal ones would look equal.

    >>> telling([0.34812, 0.34831, 0.9])
    ['.3481', '.3483', '.9']
    """
    texts = [write(value, digits) for value in values]
    if digits >= most:
        return texts
    owners: dict[str, float] = {}
    alike = {
        text
        for value, text in zip(values, texts, strict=True)
        if owners.setdefault(text, value) != value and math.isfinite(value)
    }
    where = [index for index, text in enumerate(texts) if text in alike]
    if not where:
        return texts
    finer = telling([values[index] for index in where], digits + 1, most, write)
    for index, text in zip(where, finer, strict=True):
        texts[index] = text
    return texts


def scale(values: Sequence[float], digits: int = 3) -> int:
    """Return the power of ten to divide a column by, 0 for none.

    Only a column that is small throughout (a learning rate) or large throughout is scaled,
    and only if that saves tokens, four for the exponent in the header included.

    >>> scale([3e-5, 2.9e-5, 2.75e-5, 2.5e-5])
    -6
    """
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    if not sizes:
        return 0
    if max(sizes) < SMALL:
        exponents = SMALL_SCALES
    elif min(sizes) >= PLAIN and not any(_whole(size) for size in sizes):
        exponents = LARGE_SCALES
    else:
        return 0
    costs = {power: 4 + _cost(scaled(values, power), digits) for power in exponents}
    best = min(costs, key=lambda power: costs[power])
    return best if costs[best] < _cost(values, digits) else 0


def scaled(values: Sequence[float], power: int) -> list[float]:
    """Return ``values`` divided by ten to the ``power``."""
    if not power:
        return list(values)
    if power < 0:  # multiplying by a whole number keeps more of the value
        return [value * 10**-power for value in values]
    return [value / 10**power for value in values]


def _whole(value: float) -> bool:
    return isinstance(value, int) or (value < EXACT and value.is_integer())


def _cost(values: Sequence[float], digits: int) -> int:
    return count_tokens("\n".join(short(value, digits) for value in values))
