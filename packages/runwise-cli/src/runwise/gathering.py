"""All runs of several places, each once, the newest first."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers import RunInfo, find_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runwise_parsers.find import Described

    Where = tuple[str, tuple[Path, ...]]


def gather(
    places: Iterable[Path],
    may_read: Callable[[Path], bool],
    described: Described | None = None,
) -> list[RunInfo]:
    """Return the runs below some directories or in some files.

    What ``may_read`` says no to is not looked at. ``described`` remembers what the files of runs
    said, see ``find_runs``.

    A run is its source and its files, and its id where it shares these with others: the ids of
    the others are made of paths, which differ with the place a run was met from.
    """

    def may_follow(link: str) -> bool:
        return may_read(Path(link))

    found: dict[tuple[Where, str], RunInfo] = {}
    for place in places:
        met = [
            run
            for run in find_runs(place, described=described, may_read=may_follow)
            if all(map(may_read, run.segments))
        ]
        shared = Counter(map(_where, met))
        for run in met:
            where = _where(run)
            found.setdefault((where, run.id if shared[where] > 1 else ""), run)
    return sorted(found.values(), key=_age)


def same_run(one: RunInfo, other: RunInfo) -> bool:
    """Say whether two descriptions are of one run."""
    if (one.source, one.id) != (other.source, other.id):
        return False
    return one.segments == other.segments or _where(one) == _where(other)


def shared(runs: Iterable[RunInfo]) -> dict[Path, list[RunInfo]]:
    """Return the runs of each file, or directory, that holds several, by its real path."""
    found: dict[tuple[str, tuple[Path, ...]], list[RunInfo]] = {}
    for run in runs:
        found.setdefault((run.source, run.segments), []).append(run)
    return {held[0].path.resolve(): held for held in found.values() if len(held) > 1}


def at_or_below(path: Path, runs: Iterable[RunInfo]) -> list[RunInfo]:
    """Return the runs at or below a path: in this file, or in files of this directory."""
    real = path.resolve()
    return [
        run
        for run in runs
        if all(real in (file, *file.parents) for file in (one.resolve() for one in run.segments))
    ]


def _where(run: RunInfo) -> Where:
    return run.source, tuple(path.resolve() for path in run.segments)


def _age(run: RunInfo) -> tuple[bool, float, str]:
    newest = run.updated or run.created or 0.0
    return run.state != "running", -newest, run.id
