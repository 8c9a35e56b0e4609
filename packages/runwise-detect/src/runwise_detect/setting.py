"""A setting: a field of a detector that says what it may be."""

from __future__ import annotations

from dataclasses import field, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

Number = TypeVar("Number", int, float)


def setting(default: Number, about: str, low: float, high: float) -> Number:
    """Return a dataclass field for a number within bounds.

    Args:
        default: its value where nobody says otherwise; an integer allows integers only.
        about: what it is, in a few words.
        low: the lower bound, which is allowed itself.
        high: the upper bound, likewise.
    """
    return field(default=default, metadata={"about": about, "low": low, "high": high})


def check(owner: Any, name: str) -> None:
    """Make sure that the settings of a detector are what they may be.

    Raises:
        ValueError: one is no number, or out of bounds; the message names it and the bounds.
    """
    for one in fields(owner):
        if "low" not in one.metadata:
            continue
        value, low, high = getattr(owner, one.name), one.metadata["low"], one.metadata["high"]
        wanted = int if isinstance(one.default, int) else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted):
            what = "an integer" if wanted is int else "a number"
            problem = f"{name}: {one.name} must be {what}, not {value!r}"
            raise ValueError(problem)  # noqa: TRY004  # a wrong setting is one error to callers
        if not low <= value <= high:
            raise ValueError(f"{name}: {one.name} must be {low:g} to {high:g}, not {value:g}")


def unknown(what: str, name: str, known: Iterable[str]) -> ValueError:
    """Return an error that names the nearest of what is known.

    >>> print(unknown("loss_spike: setting", "alhpa", ["alpha", "window"]))
    loss_spike: setting 'alhpa' is unknown; did you mean 'alpha'? There are alpha, window
    """
    from difflib import get_close_matches  # noqa: PLC0415  # needed only for those who err

    names = sorted(known)
    near = get_close_matches(str(name), names, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return ValueError(f"{what} {name!r} is unknown; {hint}There are {', '.join(names)}")
