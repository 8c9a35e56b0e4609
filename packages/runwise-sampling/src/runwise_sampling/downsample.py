"""Choose the points of a curve that a reader must see.

A method of ``methods/`` chooses by its own idea; whatever it is, the points that must not be
lost are put in here, and the number of points is made exact.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from heapq import nsmallest
from importlib import import_module
from typing import Any

from runwise_sampling.columns import Numbers, gathered, plain
from runwise_sampling.curve import Curve

Pick = Callable[[Curve, int], list[int]]


def downsample(
    steps: Numbers, values: Numbers, n: int, *, method: str | Pick = "minmax-lttb"
) -> tuple[list[float], list[float]]:
    """Return ``min(n, len(values))`` points of the curve, in their order, as two columns.

    First, last, the lowest and highest finite value and the first NaN, +Inf and -Inf are
    always among them (below 8 points: as many of these as fit, in this order), whatever the
    method; ``mean`` alone makes points of its own. The same data give the same points. Places
    are counted in points, so a curve that is logged unevenly shows more where more was logged.

    >>> downsample(range(10), [5, 4, 4, 4, 90, 4, 4, 3, 4, 4], 4)
    ([0, 4, 7, 9], [5, 90, 3, 4])

    Args:
        steps: where the values were logged, rising.
        values: the curve; NaN and infinities are data.
        n: how many points to return, at least 2.
        method: a name from ``known_methods()``, or a function like those of ``methods/``.

    Raises:
        ValueError: ``n`` is below 2, ``method`` is unknown, the columns differ in length.
    """
    if n < 2:
        raise ValueError(f"n must be at least 2, not {n}")
    module = _method(method) if isinstance(method, str) else None
    curve = Curve(steps, values)
    if len(curve) <= n:
        return plain(steps), plain(values)
    if module is not None and hasattr(module, "points"):
        return module.points(curve, n)
    chosen = picker(method)(curve, n)
    kept = curve.landmarks()[:n]
    chosen = _thinned(curve, sorted({*chosen, *kept}), kept, n)
    chosen = _filled(chosen, len(curve), n)
    return gathered(steps, chosen), gathered(values, chosen)


@lru_cache(maxsize=1)
def known_methods() -> tuple[str, ...]:
    """Return the names of the methods, in alphabetical order."""
    from pkgutil import iter_modules  # noqa: PLC0415 - costs more than the rest of the import

    from runwise_sampling import methods  # noqa: PLC0415 - a shelf is looked at when asked for

    names = (module.name for module in iter_modules(methods.__path__))
    return tuple(sorted(name.replace("_", "-") for name in names if name[0] != "_"))


def picker(method: str | Pick) -> Pick:
    """Return the function behind a method's name; a function is its own.

    Raises:
        ValueError: no method has this name, or it makes points instead of choosing them.
    """
    if not isinstance(method, str):
        return method
    module = _method(method)
    if not hasattr(module, "pick"):
        raise ValueError(f"method {method!r} makes points of its own, it chooses none")
    return module.pick


def _method(name: str) -> Any:
    if name not in known_methods():
        raise ValueError(f"method must be one of {', '.join(known_methods())}, not {name!r}")
    return import_module(f"runwise_sampling.methods.{name.replace('-', '_')}")


def _thinned(curve: Curve, chosen: list[int], kept: list[int], n: int) -> list[int]:
    """Drop the least useful points, none of ``kept``, until ``n`` are left."""
    spare = len(chosen) - n
    if spare <= 0:
        return chosen
    useful = _usefulness(gathered(curve.values, chosen))
    held = {bisect_left(chosen, at) for at in kept}
    free = [place for place in range(len(chosen)) if place not in held]
    dropped = set(nsmallest(spare, free, key=useful.__getitem__))
    return [at for place, at in enumerate(chosen) if place not in dropped]


def _usefulness(values: list[float]) -> list[float]:
    """Return how far each point is from the line its neighbours would draw.

    Points that are not finite count least, for the first of its kind is kept anyway; they
    draw no lines either.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return [0.0] * len(values)
    around = zip([finite[0], *finite], finite, [*finite[1:], finite[-1]])  # noqa: B905 - one more
    turns = [abs(value - before / 2 - after / 2) for before, value, after in around]
    if len(finite) == len(values):
        return turns
    rest = iter(turns)
    return [next(rest) if math.isfinite(value) else -1.0 for value in values]


def _filled(chosen: list[int], count: int, n: int) -> list[int]:
    """Add positions out of ``range(count)``, evenly spread over the free ones, up to ``n``."""
    missing = n - len(chosen)
    if missing <= 0:
        return chosen
    free = count - len(chosen)
    added: list[int] = []
    passed = 0  # how many chosen positions lie before the free one that is wanted
    for turn in range(missing):
        rank = (2 * turn + 1) * free // (2 * missing)
        while passed < len(chosen) and chosen[passed] <= rank + passed:
            passed += 1
        added.append(rank + passed)
    return sorted(chosen + added)
