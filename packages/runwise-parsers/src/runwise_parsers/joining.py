"""What was claimed in a tree, joined to runs.

A resumed run left several claims, its segments. And one training may have been written by
several trackers into one directory: the most specific one's claim is the run, the others are its
last resort, for where that one recorded nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runwise_parsers.naming import is_generic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.source import Claim, Source


@dataclass(frozen=True, slots=True)
class Found:
    """A run before it is described: who claims it, and who else wrote the same training."""

    source: Source
    claim: Claim
    others: tuple[Found, ...] = ()

    def infos(self) -> Iterator[RunInfo]:
        """Yield the runs in what was claimed; of another writer, where this one has no rows."""
        mine = list(self.source.runs(self.claim))
        if self.others and not any(map(_has_rows, mine)):
            for other in self.others:
                theirs = list(other.source.runs(other.claim))
                if any(map(_has_rows, theirs)):
                    mine = theirs
                    break
        yield from mine


def _has_rows(info: RunInfo) -> bool:
    return info.last_step is not None


def one_training(claimed: Iterable[tuple[Source, Claim]]) -> list[Found]:
    """Return the runs of one directory, those of other writers under the most specific one's.

    A claim to the whole directory takes those of other sources that claim it too, or a file
    whose name says no more than "log". Files with names of their own stay runs.
    """
    found = segments(Found(source, claim) for source, claim in claimed)
    main = next((one for one in found if one.claim.whole), None)
    if main is None:
        return found
    others = tuple(
        one
        for one in found
        if one.source is not main.source and (one.claim.whole or _says_nothing(one.claim))
    )
    return [
        replace(one, others=others) if one is main else one for one in found if one not in others
    ]


def segments(found: Iterable[Found]) -> list[Found]:
    """Join the claims that are segments of one run, in the order in which they were met."""
    runs: dict[tuple[str, Path, str], Found] = {}
    for one in found:
        key = (one.claim.source, one.claim.parent, one.claim.key)
        known = runs.get(key)
        runs[key] = _joined(known, one) if known else one
    return list(runs.values())


def _joined(first: Found, later: Found) -> Found:
    claim = replace(first.claim, paths=first.claim.paths + later.claim.paths)
    return replace(first, claim=claim, others=first.others + later.others)


def _says_nothing(claim: Claim) -> bool:
    return all(is_generic(path.name) for path in claim.paths)
