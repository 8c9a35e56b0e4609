"""What can go wrong for a user, and what to do about it.

RunwiseError
  NoRuns            there is no run where we looked
  NoSuchRun         no run, or more than one, answers to a reference
  NoSuchMetric      a run has no metric of that name
  NoSuchArtifact    a run stored no file of that name
  NoSuchKind        no finding is of the kind that was asked about
  NoPoints          nothing was logged where somebody looks
  BadSetting        a flag, a variable or runwise.json says something we cannot use
    BadFilter       a term that chooses runs is none
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTED = 5
NAME = 40
LONGEST, SHORTEST = 200, 30
"""Characters of a problem or a remedy, at most and where even less would say nothing."""
GRAMMAR = """\
FIELD:WORD FIELD~PART FIELD<NUMBER (= != <= > >=), ! before a term turns it round.
Fields: state tag group name source commit config.KEY METRIC step runtime age since.
As in: state:running !tag:debug name~bert config.lr<=3e-4 val_acc>80% since:2025-11-01"""
TOKENS = 48
"""What an error may cost by estimate: an agent pays 60 at the very most."""


class RunwiseError(Exception):
    """Says what happened and, on the next line, what to do about it.

    Both may quote names out of a log or a flag: they are made harmless to print.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        problem, remedy = brief(problem, remedy)
        super().__init__(f"{problem}\n{remedy}")
        self.problem = problem
        self.remedy = remedy


class NoRuns(RunwiseError):  # noqa: N818 - read aloud, the name says what is wrong
    """There is no run where we looked."""


class NoSuchRun(RunwiseError):  # noqa: N818 - as above
    """A run was asked for by a name that no run, or more than one, answers to."""


class NoSuchMetric(RunwiseError):  # noqa: N818 - as above
    """A metric was asked for that the run never logged."""


class NoSuchArtifact(RunwiseError):  # noqa: N818 - as above
    """A file was asked for that the run did not store, or that is no text."""


class NoSuchKind(RunwiseError):  # noqa: N818 - as above
    """A kind of finding was asked about that nobody looks for."""


class NoPoints(RunwiseError):  # noqa: N818 - as above
    """Nothing was logged in the part of a run that was asked for."""


class BadSetting(RunwiseError):  # noqa: N818 - as above
    """A flag, a variable or the configuration file says something we cannot use."""


class BadFilter(BadSetting):
    """What should choose runs is no term; the grammar is the remedy, in three lines."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, "")
        self.remedy = GRAMMAR
        self.args = (f"{self.problem}\n{GRAMMAR}",)


def brief(*texts: str, tokens: int = TOKENS) -> list[str]:
    """Return texts made harmless to print, cut in the middle if together they cost too much."""
    from runwise_format.safety import clean  # noqa: PLC0415 - rare, and --help must not wait
    from runwise_format.tokens import count_tokens  # noqa: PLC0415 - as above

    for limit in range(LONGEST, SHORTEST, -10):
        said = [clean(text, limit) for text in texts]
        if sum(map(count_tokens, said)) <= tokens:
            return said
    return [clean(text, SHORTEST) for text in texts]


def some(names: Iterable[str], limit: int = LISTED, length: int = NAME) -> str:
    """Return a few names, each cut to a length, and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    every = [short(name, length) for name in names]
    if len(every) <= limit:
        return ", ".join(every)
    return f"{', '.join(every[:limit])} and {len(every) - limit} more"


def near(name: str, names: Iterable[str], limit: int = LISTED) -> list[str]:
    """Return the names closest to one that was not found, the closest first.

    >>> near("trian/loss", ["val/loss", "train/loss", "lr"])[0]
    'train/loss'
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    known = list(names)
    wanted = name.lower()[:LONGEST]  # comparing takes time that grows with the square
    lower = {one.lower()[:LONGEST]: one for one in reversed(known)}
    close = [lower[one] for one in get_close_matches(wanted, lower, limit, 0.5)]
    inside = [one for one in known if wanted and wanted in one.lower()]
    return list(dict.fromkeys([*close, *inside]))[:limit]


def short(name: str, length: int = NAME) -> str:
    """Return a name; a long one is cut in the middle, and shorter than one that is just right."""
    if len(name) <= length:
        return name
    half = length * 3 // 10
    return f"{name[:half]}…{name[-half:]}"
