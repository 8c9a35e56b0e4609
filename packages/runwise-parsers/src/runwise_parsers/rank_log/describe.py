"""Ranks as first and last lines of their logs describe them: one run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap
from runwise_parsers.json_log.describe import described
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.rank_log.names import by_rank

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runwise_parsers.info import RunInfo

_NAMED = 8


def described_ranks(source: str, given: Iterable[Path]) -> RunInfo:
    """Return what the logs of all ranks say. Never raises for what is in them."""
    paths = by_rank(given)
    told = [described(source, JsonLog(path)) for path in paths.values()]
    running = any(one.state == "running" for one in told)
    clocked = [one for one in told if one.clocked] or told
    gaps = [gap for one in told for gap in one.gaps]
    return replace(
        told[0],
        state="running" if running else told[0].state,
        updated=max((one.updated for one in clocked if one.updated), default=None),
        clocked=clocked[0].clocked,
        segments=tuple(reversed(paths.values())),  # the one to look at first comes last
        parts=tuple(f"rank{rank}" for rank in paths),
        gaps=(*gaps, *_missing(list(paths))),
    )


def _missing(ranks: list[int]) -> list[Gap]:
    """Return the gap of ranks between others, and of those before them, counted from 0 or 1."""
    there = set(ranks)
    lowest = 1 if 1 in there and 0 not in there else 0
    count = max(ranks) + 1 - lowest - len(there)
    if count <= 0:
        return []
    found = (str(rank) for rank in range(lowest, max(ranks)) if rank not in there)
    some = ", ".join(rank for _, rank in zip(range(_NAMED), found, strict=False))
    what = f"rank {some}" if count == 1 else f"{count} ranks ({some}{', ...' * (count > _NAMED)})"
    return [Gap(what, "it left no log here", "Copy it from the machine it ran on.")]
