"""How a person names a run: ``REF[@POINT]``.

Ranks, the first that answers wins: ``latest`` or ``latest~n``; an existing path; exact id; exact
name; the beginning of an id (3 characters or more); the beginning of a name; the end of an id
that is a path, from a ``/`` on; a part of a name, without regard to case. More than one answer
inside a rank is an error that lists them. A run its tracker deleted answers where no other does,
and after it one on a server: ``entity/project/id`` of W&B, or a run of ``MLFLOW_TRACKING_URI``. A
URL means a server at once. See ``remote_runs``.

A reference is split at the last ``@`` whose right side is a point: ``@5000`` a step, ``@50%`` a
share of the steps, ``@best:val/loss`` the step of a metric's best value, ``@stage:3`` the end of
a stage of the training.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise.errors import NoSuchRun, near, short, some
from runwise.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runwise_parsers import RunInfo

LATEST = re.compile(r"latest(?:~(\d+))?")
_POINT = re.compile(r"(\d{1,18}(?:\.\d{1,18})?(?:[eE]\+?\d{1,2})?)(%?)")
_NAMED = re.compile(r"(.+?)@(best|stage):(.+)", re.DOTALL)
WHOLE = 100.0
SHORTEST_PREFIX = 3
SHORTEST_ID = 4
LONGEST_NUMBER = 10
NAMED = 3
"""Runs that an error names."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a run: a step, or a share (0 to 1) of the way from its first to its last.

    Or where the metric ``best`` was at its best, or where ``stage`` ended: ``runwise.points``
    knows at which steps.
    """

    step: float | None = None
    share: float | None = None
    best: str = ""
    stage: str = ""

    def on(self, first: float, last: float) -> float:
        """Return the step this point means in a run with these steps."""
        if self.step is not None:
            return self.step
        return first + (self.share or 0.0) * (last - first)


def split(ref: str) -> tuple[str, Point | None]:
    """Return the run's part of a reference and the point in it, if there is one.

    >>> head, point = split("exp@home@5000")
    >>> head, point.step
    ('exp@home', 5000.0)
    >>> split("exp@home")
    ('exp@home', None)
    >>> split("exp@best:acc@1")[1].best
    'acc@1'
    """
    named = _NAMED.fullmatch(ref)
    if named is not None:
        head, kind, what = named.groups()
        return head, Point(best=what) if kind == "best" else Point(stage=what)
    head, _, tail = ref.rpartition("@")
    found = place_of(tail) if head else None
    return (ref, None) if found is None else (head, found)


def place_of(text: str) -> Point | None:
    """Return a point out of a step or a share of the steps, ``None`` for other text.

    >>> place_of("50%").share, place_of("5e3").step, place_of("5k")
    (0.5, 5000.0, None)
    """
    found = _POINT.fullmatch(text)
    if found is None:
        return None
    number = float(found[1])
    if not found[2]:
        return Point(step=number)
    return Point(share=number / 100) if number <= WHOLE else None


def find(
    ref: str, runs: Sequence[RunInfo], deleted: Sequence[RunInfo] = ()
) -> tuple[RunInfo, str]:
    """Return the run a reference names, newest first in ``runs``, and a remark on a guess.

    Raises ``NoSuchRun`` where none or several answer.
    """
    latest = LATEST.fullmatch(ref)
    if latest:
        number = latest[1] or "0"
        if len(number) < LONGEST_NUMBER and int(number) < len(runs):
            return runs[int(number)], ""
        here = count(len(runs), "run")
        raise NoSuchRun(f"there is no {short(ref)}: here are {here}", "Try: runwise list")
    found = _answering(ref, runs)
    if found is not None:
        return found
    gone = _answering(ref, deleted)
    if gone is not None:
        return gone[0], f"{describe(gone[0])} is deleted, and not listed"
    raise _unknown(ref, runs)


def _answering(ref: str, runs: Sequence[RunInfo]) -> tuple[RunInfo, str] | None:
    """Return the run of the first rank that answers. Raises ``NoSuchRun`` for more than one."""
    for matches, remark in _ranks(ref):
        found = [run for run in runs if matches(run)]
        if len(found) == 1:
            return found[0], f"'{ref}' was taken for {found[0].name}" if remark else ""
        if found:
            raise NoSuchRun(
                f"'{short(ref)}' could be {some((describe(run, found) for run in found), NAMED)}",
                "Name one of them by its id or path.",
            )
    return None


def _ranks(ref: str) -> list[tuple[Callable[[RunInfo], bool], bool]]:
    long_enough = len(ref) >= SHORTEST_PREFIX
    lower = ref.lower()
    path = ref.replace("\\", "/")  # ids made of paths have slashes on every system
    return [
        (lambda run: run.id in (ref, path), False),
        (lambda run: bool(ref) and run.name == ref, False),
        (lambda run: long_enough and run.id.startswith(ref), False),
        (lambda run: long_enough and run.name.startswith(ref), False),
        (lambda run: bool(ref) and run.id.endswith(f"/{path}"), False),
        (lambda run: long_enough and lower in run.name.lower(), True),
    ]


def describe(run: RunInfo, among: Sequence[RunInfo] = ()) -> str:
    """Return a run as an error names it; the path where ids are equal."""
    if sum(other.id == run.id for other in among) > 1:
        return str(run.path)
    named = run.name and run.name != run.id
    return f"{short(run.id, 24)} ({short(run.name, 16)})" if named else run.id


def names_whole(ref: str, runs: Sequence[RunInfo]) -> bool:
    """Say whether a reference is somebody's id or name as it stands: ``lr@0.1`` may be one."""
    return any(ref in (run.id, run.name) for run in runs)


def _unknown(ref: str, runs: Sequence[RunInfo]) -> NoSuchRun:
    names = {name: run for run in reversed(runs) for name in (run.name, run.id) if name}
    close = {describe(names[name]): None for name in near(ref, names, NAMED)}
    newest = [describe(run) for run in runs[:NAMED]]
    said = f"Near: {some(close)}" if close else f"Newest: {some(newest)}"
    return NoSuchRun(f"no run is called '{short(ref)}'", f"{said}. Try: runwise list")


def short_ids(runs: Sequence[RunInfo]) -> dict[str, str]:
    """Return each id at its shortest length that is unique, 4 characters or more.

    Ids made of a path are left whole: their ends tell them apart, not their beginnings.
    """
    ids = sorted({run.id for run in runs})
    called = {run.name for run in runs}
    shortened: dict[str, str] = {}
    for place, name in enumerate(ids):
        beside = ids[max(0, place - 1) : place] + ids[place + 1 : place + 2]
        length = max([SHORTEST_ID, *(_common(name, other) + 1 for other in beside)])
        whole = "/" in name or length >= len(name) or name[:length] in called
        shortened[name] = name if whole else name[:length]
    return shortened


def _common(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length
