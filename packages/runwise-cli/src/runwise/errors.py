"""What can go wrong for a user, and what to do about it.

RunwiseError
  NoRuns            there is no run where we looked
  NoSuchRun         no run, or more than one, answers to a reference
  NoSuchMetric      a run has no metric of that name
  BadSetting        a flag, a variable or runwise.json says something we cannot use
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTED = 5


class RunwiseError(Exception):
    """Says what happened and, on the next line, what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\n{remedy}")
        self.problem = problem
        self.remedy = remedy


class NoRuns(RunwiseError):  # noqa: N818 - read aloud, the name says what is wrong
    """There is no run where we looked."""


class NoSuchRun(RunwiseError):  # noqa: N818 - as above
    """A run was asked for by a name that no run, or more than one, answers to."""


class NoSuchMetric(RunwiseError):  # noqa: N818 - as above
    """A metric was asked for that the run never logged."""


class BadSetting(RunwiseError):  # noqa: N818 - as above
    """A flag, a variable or the configuration file says something we cannot use."""


def some(names: Iterable[str], limit: int = LISTED) -> str:
    """Return a few names, and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    every = [short(name) for name in names]
    if len(every) <= limit:
        return ", ".join(every)
    return f"{', '.join(every[:limit])} and {len(every) - limit} more"


def near(name: str, names: Iterable[str], limit: int = LISTED) -> list[str]:
    """Return the names closest to one that was not found, the closest first.

    >>> near("trian/loss", ["val/loss", "train/loss", "lr"])[0]
    'train/loss'
    """
    known = list(names)
    lower = {one.lower(): one for one in reversed(known)}
    close = [lower[one] for one in get_close_matches(name.lower(), lower, limit, 0.5)]
    inside = [one for one in known if name.lower() in one.lower()]
    return list(dict.fromkeys([*close, *inside]))[:limit]


def short(name: str, length: int = 40) -> str:
    """Return a name cut in the middle."""
    if len(name) <= length:
        return name
    return f"{name[: length // 2 - 1]}…{name[-(length // 2) :]}"
