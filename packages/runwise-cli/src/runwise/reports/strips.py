"""Runs as a picture wants them: each read once, its curves cut, moved and smoothed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise import axis, words
from runwise.curves import ordered
from runwise.errors import NoSuchMetric, short
from runwise.history import pick
from runwise.reports.reading import look
from runwise.smoothing import smoothed
from runwise.stretches import newest, stretches
from runwise.window import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.reports.reading import Reading
    from runwise.workspace import Workspace
    from runwise_parsers import Series


@dataclass(frozen=True)
class Wish:
    """How curves are wanted: over what, of which part, how smooth, as a band over runs."""

    keys: tuple[str, ...] = ()
    x: str = axis.STEP
    window: Window = field(default_factory=Window)
    smooth: int = 1
    band: bool = False
    log: bool = False
    system: bool = False
    points: int = 500


@dataclass(frozen=True)
class Strip:
    """The curves of one run as they are drawn, by name, and what was said about them."""

    seen: Reading
    label: str
    curves: Mapping[str, Series]
    remarks: tuple[str, ...]


def read_strips(workspace: Workspace, refs: Sequence[str], wish: Wish) -> list[Strip]:
    """Read runs, each once. Raises what ``look`` raises, and ``NoPoints``."""
    seen = [_look(workspace, ref, wish, alone=len(refs) == 1) for ref in refs]
    pick(wish.keys, list({name: None for one in seen for name in one.known.curves}))
    labels = _labels([one.info.name or one.info.id for one in seen], [one.info.id for one in seen])
    return [_strip(one, label, wish) for one, label in zip(seen, labels, strict=True)]


def _look(workspace: Workspace, ref: str, wish: Wish, *, alone: bool) -> Reading:
    """Return a run with the metrics asked for; of several runs, one may lack some of them."""
    needed = wish.keys if wish.x == axis.STEP else axis.needs(wish.x)
    if alone or not wish.keys:
        return look(workspace, ref, needed, system=wish.system)
    try:
        return look(workspace, ref, needed, system=wish.system)
    except NoSuchMetric:
        return look(workspace, ref, axis.needs(wish.x), system=wish.system)


def _labels(names: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return a name for each run, with its id where names repeat."""
    return [
        short(name, 32) if names.count(name) == 1 else f"{short(name, 24)} ({short(one, 12)})"
        for name, one in zip(names, ids, strict=True)
    ]


def _strip(seen: Reading, label: str, wish: Wish) -> Strip:
    place = axis.axis_of(wish.x, seen.known)
    names = _names(seen, wish)
    wanted = [*names, *([place] if place in seen.known.curves else [])]
    series = {name: seen.known.curves[name].series for name in wanted}
    whole = wish.window.of(stretches(series, seen.known.resumed))
    moved, _ = axis.over(whole, place, names)
    merged, hidden = newest(moved)
    remark = f"steps go back: {words.count(hidden, 'point')} logged again later" if hidden else ""
    curves = {name: smoothed(merged[name], wish.smooth) for name in names if name in merged}
    return Strip(seen, label, curves, tuple(filter(None, (*seen.remarks, remark))))


def _names(seen: Reading, wish: Wish) -> list[str]:
    """Return the metrics asked for that a run has, or all, the most telling first."""
    if not wish.keys:
        main, others = ordered(seen.known)
        return [one.name for one in (*main, *others)]
    known = list(seen.known.curves)
    names: dict[str, None] = {}
    for key in wish.keys:
        try:
            names |= dict.fromkeys(pick([key], known))
        except NoSuchMetric:  # another run has it: read_strips has looked
            continue
    return list(names)
