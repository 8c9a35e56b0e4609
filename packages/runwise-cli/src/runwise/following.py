"""Waiting for a run: look, say what is new, wait, until something happens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise.watching import Found, Rows, Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runwise.filters.grammar import Term
    from runwise.workspace import Workspace

MET, ENDED, TIMED_OUT = 0, 3, 4
"""Exit codes: the condition was met (or the run ended where there is none), the run ended
first, nobody waited any longer."""
LEVELS = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody waits for: all terms, or a finding of a severity, for so many seconds."""

    terms: Sequence[Term] = ()
    severity: str = ""
    timeout: float | None = None

    @property
    def is_any(self) -> bool:
        """Whether there is a condition at all."""
        return bool(self.terms or self.severity)


@dataclass(frozen=True, slots=True)
class End:
    """Why nobody waits any longer."""

    code: int
    reason: str


def follow(
    workspace: Workspace,
    ref: str,
    wish: Wish,
    interval: float = 1.0,
    *,
    clock: Callable[[], float] = time.time,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Watched | Rows | Found | End]:
    """Yield the run as it is, then what is new of it each ``interval`` seconds, and the end.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    begun = clock()
    one = Watched.begin(workspace, ref, wish.terms)
    yield one
    while True:
        end = _end(one, wish, clock(), begun)
        if end is not None:
            yield end
            return
        wait(_pause(wish, interval, clock() - begun))
        yield from one.look(clock(), wish.terms)


def _end(one: Watched, wish: Wish, now: float, begun: float) -> End | None:
    if wish.terms and one.is_met(wish.terms):
        return End(MET, " ".join(map(str, wish.terms)))
    grave = LEVELS[LEVELS.index(wish.severity) :] if wish.severity else ()
    for group in one.groups if grave else ():
        if group.severity in grave:
            return End(MET, f"{group.severity} {group.kind} of {group.metric}")
    if one.has_ended(now):
        how = f"the run {_ending(one)}"
        return End(ENDED if wish.is_any else MET, how)
    if wish.timeout is not None and now - begun >= wish.timeout:
        return End(TIMED_OUT, "the time is up")
    return None


def _ending(one: Watched) -> str:
    state = one.info.state
    return f"is {state}" if state in ("finished", "failed", "killed") else "went silent"


def _pause(wish: Wish, interval: float, waited: float) -> float:
    """Return how long to wait: no longer than somebody waits at all."""
    if wish.timeout is None:
        return interval
    return max(0.0, min(interval, wish.timeout - waited))
