"""A form: one kind of line that a template prints, and where its numbers stand.

A form's expression finds the line. Its groups say what they hold: the words of ``ROLES`` order
the rows, ``pairs`` (also ``pairs2``) is a stretch of names and numbers, ``label`` is a part of
the names of these, any other group is a metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runwise_parsers.console_log.number import NUMBER, scale_behind
from runwise_parsers.console_log.pairs import LOOSE, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROLES = ("step", "total", "epoch", "epochs", "batch", "batches")
"""What orders rows: a step of its own, or an epoch and a batch in it; and their totals."""
_TEXTS = ("pairs", "pairs2", "label")
_NAMED = re.compile(NUMBER)
_OF = re.compile(r"\s?(?:/|of)\s*(\d+)(?![\w.])")
"""The total behind a count: ``epoch 3/10``."""
_HELD_OUT = re.compile(r"(?i)(?<![a-z])(?:val|valid|validation|test|eval|dev)(?![a-z])")
"""A name that says itself that it is no training metric needs no prefix."""
_DROPPED = frozenset({"eta", "cuda", "remaining", "eta time", "rank", "world_size", "pid", "line"})
_SOURCE = re.compile(
    r"(?i).*\.(?:py|cpp|cc|cu|c|h|hpp|rs|go|js|ts)|(?:.* )?(?:pid|tid|host|node|port)"
)
"""A place in the program that printed the line, or the process: ``solver.cpp:228]``."""
_LEVEL = re.compile(r"(?:\)|\])?\s{1,4}(?:INFO|WARN|WARNING|DEBUG|ERROR)\b")
_CALLER = re.compile(r"\|\s*[\w.<>]+:$")
"""In front of a function and a line: ``| trainer:train:87 |``."""
_BAR = re.compile(r"%\|[^|]*\|")
"""Behind the percents of a progress bar: ``Map: 34%|###``."""
_TOTALS = {"step": "total", "epoch": "epochs", "batch": "batches"}


@dataclass(frozen=True, slots=True)
class Spot:
    """A number in a line: its role or, for a metric, the role ``""`` and a name."""

    role: str
    name: str
    begin: int
    end: int
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a form finds in a line: numbers, and texts that must be the same in lines alike."""

    spots: tuple[Spot, ...]
    texts: tuple[tuple[int, int], ...] = ()

    @property
    def metrics(self) -> int:
        """How many metrics there are."""
        return sum(not one.role for one in self.spots)

    def has(self, role: str) -> bool:
        """Say whether a role is there."""
        return any(one.role == role for one in self.spots)


def _names() -> dict[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of line.

    ``names`` renames metrics and groups, an empty name drops one; ``prefix`` stands before every
    name that has it not yet. ``heading`` forms may hold no metric: they order the lines behind
    them. ``keeps_place`` says that a line has no step of its own whatever it holds: an
    evaluation counts batches of its own. ``roles`` says that pairs may hold the step or the epoch,
    ``accepts`` has the last word about a line. A line without the letters ``needs`` is not tried.
    """

    line: re.Pattern[str]
    pair: re.Pattern[str] = LOOSE
    names: Mapping[str, str] = field(default_factory=_names)
    prefix: str = ""
    heading: bool = False
    keeps_place: bool = False
    roles: bool = True
    accepts: Callable[[Found], bool] | None = None
    needs: str = ""

    def find(self, text: str) -> Found | None:
        """Return what stands in a line, ``None`` where it is not of this kind."""
        match = self.line.search(text) if self.needs in text else None
        if match is None:
            return None
        label = match.groupdict().get("label") or ""
        texts = [match.span("label")] if label else []
        spots = [*self._groups(match)]
        for begin, end, spot in self._pairs(match, label):
            texts.append((begin, end))
            spots.append(spot)
        spots = _apart(text, _once(sorted(spots, key=lambda one: one.begin)))
        found = Found(tuple(spots), tuple(sorted(texts)))
        if not found.metrics:
            return found if self.heading else None
        return found if self.accepts is None or self.accepts(found) else None

    def _groups(self, match: re.Match[str]) -> Iterator[Spot]:
        for group, text in match.groupdict().items():
            if text is None or group in _TEXTS or not _NAMED.fullmatch(text):
                continue
            begin, end = match.span(group)
            scale = scale_behind(group, match.string[end : end + 2])
            if group in ROLES:
                if not self.keeps_place:
                    yield Spot(group, "", begin, end, scale)
            elif name := self.names.get(group, group):
                yield Spot("", self._called(name, ""), begin, end, scale)

    def _pairs(self, match: re.Match[str], label: str) -> Iterator[tuple[int, int, Spot]]:
        for group in ("pairs", "pairs2"):
            if group not in self.line.groupindex or match.group(group) is None:
                continue
            begin, end = match.span(group)
            for pair in self.pair.finditer(match.string, begin, end):
                found = self._spot(pair, label)
                if found is None:
                    continue
                yield found
                spot = found[2]
                total = _OF.match(match.string, spot.end) if spot.role in _TOTALS else None
                if total is not None:
                    yield (*found[:2], Spot(_TOTALS[spot.role], "", *total.span(1)))

    def _spot(self, pair: re.Match[str], label: str) -> tuple[int, int, Spot] | None:
        """Return where a pair's name stands, and its number."""
        key = next(name for name in ("k", "k2") if pair.groupdict().get(name) is not None)
        value = "v" if key == "k" else "v2"
        (begin, end), name = pair.span(value), pair.group(key)
        role = role_of(name) if self.roles else ""
        scale = scale_behind(name, pair.string[end : end + 2])
        if role:
            if self.keeps_place:
                return None
            return (*pair.span(key), Spot(role, "", begin, end, scale))
        called = self.names.get(name, name)
        if not called or called.lower() in _DROPPED or _is_no_metric(called, pair, end):
            return None
        return (*pair.span(key), Spot("", self._called(called, label), begin, end, scale))

    def _called(self, name: str, label: str) -> str:
        full = f"{label}/{name}" if label else name
        if not self.prefix or _HELD_OUT.search(full):
            return _utf8(full)
        return _utf8(self.prefix + full)


def _is_no_metric(name: str, pair: re.Match[str], end: int) -> bool:
    """Say whether a number is a line of source code, a process, or how far a bar is."""
    text = pair.string
    return (
        _CALLER.search(text, max(0, pair.start() - 80), pair.start()) is not None
        or _SOURCE.fullmatch(name) is not None
        or _LEVEL.match(text, end) is not None
        or _BAR.match(text, end) is not None
    )


def _once(spots: list[Spot]) -> list[Spot]:
    """Leave out what overlaps, and all but the first number of a role."""
    kept: list[Spot] = []
    for spot in spots:
        taken = spot.role and any(one.role == spot.role for one in kept)
        if not taken and (not kept or spot.begin >= kept[-1].end):
            kept.append(spot)
    return kept


def _apart(text: str, spots: list[Spot]) -> list[Spot]:
    """Tell a name that stands twice apart: ``Train Loss: 1, Acc: 2 | Val Loss: 3, Acc: 4``."""
    first: dict[str, Spot] = {}
    kept: list[Spot] = []
    for spot in spots:
        before = first.setdefault(spot.name, spot)
        if before is not spot and not spot.role:
            words = _HELD_OUT.findall(text, before.end, spot.begin)
            split = "test" if words and words[-1].lower() == "test" else "val"
            kept.append(replace(spot, name=f"{split}/{spot.name}") if words else spot)
        else:
            kept.append(spot)
    return kept


def _utf8(name: str) -> str:
    """Return a name as it was meant: lines are handled byte by byte."""
    return name.encode("latin-1", "replace").decode("utf-8", "replace")
