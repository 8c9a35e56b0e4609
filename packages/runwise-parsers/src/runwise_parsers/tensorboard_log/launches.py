"""The files of a run, laid behind one another as the training was started again and again.

Writers that run side by side log different tags. A file in which a writer logs again what it
logged in an earlier one is a new launch: the training was restarted. From where each tag begins
there, its older points are void: they are replayed, from a checkpoint. A launch that counts from
0 or 1 again is shifted behind the one before it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.series import Series
from runwise_parsers.tensorboard_log.eventfile import EventFile, Wanted
from runwise_parsers.tensorboard_log.found import every
from runwise_parsers.tensorboard_log.pieces import Start, last_steps

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from runwise_parsers.tensorboard_log.points import Points
    from runwise_parsers.tensorboard_log.writers import Writer


@dataclass(slots=True)
class Part:
    """One file of a run, and its place among the others.

    Steps are moved by ``shift``; points of a tag from its ``limits`` on, and those of all tags
    from ``limit`` on, are replayed later, and ``dropped`` counts them. ``ends`` are the last steps
    of its tags, ``taken`` names that another writer's tags have.
    """

    file: EventFile
    writer: Writer
    launch: int = 0
    shift: float = 0.0
    limit: float = inf
    limits: dict[str, float] = field(default_factory=dict[str, float])
    ends: dict[str, float] = field(default_factory=dict[str, float])
    taken: set[str] = field(default_factory=set[str])
    dropped: int = 0

    @property
    def key(self) -> int:
        """A number for this file among those of its run."""
        return crc32(f"{self.writer.below}/{self.file.path.name}".encode("utf-8", "replace"))

    def name_of(self, tag: str) -> str:
        """Return what a tag is called in the run."""
        name = self.writer.name_of(tag)
        return f"{self.writer.below}/{tag}" if name in self.taken else name

    def wanted(self, names: frozenset[str] | None) -> Wanted:
        """Return which tags are wanted where these metrics are, all for ``None``."""
        if names is None:
            return every
        known: dict[str, bool] = {}

        def wanted(tag: str) -> bool:
            if tag not in known:
                known[tag] = self.name_of(tag) in names
            return known[tag]

        return wanted

    def placed(self, tag: str, points: Points) -> Points:
        """Return the points of a tag that are not replayed later; steps still as they are."""
        limit = min(self.limit, self.limits.get(tag, inf)) - self.shift
        if limit == inf or not len(points) or points.steps[-1] < limit:
            return points
        return points.part(0, bisect_left(points.steps, limit))

    def series(self, name: str, points: Points, shifted: dict[int, array[float]]) -> Series:
        """Return points as a curve of the run; equal steps stay shared."""
        steps = points.steps
        if self.shift:
            moved = shifted.get(id(steps))
            if moved is None:
                moved = type(steps)("d", [step + self.shift for step in steps])
                shifted[id(steps)] = moved
            steps = moved
        return Series(name, steps, points.values, points.times)


def parts_of(writers: Iterable[Writer], known: dict[Path, EventFile] | None = None) -> list[Part]:
    """Return the files of a run's writers that can be read, in the order of their beginning.

    Files that are ``known`` are used again, others become so.
    """
    files = {} if known is None else known
    parts: list[Part] = []
    for writer in writers:
        for name in writer.files:
            path = writer.folder / name
            parts.append(Part(files.setdefault(path, EventFile(path)), writer))
    readable = [part for part in parts if part.file.trouble() is None]
    return sorted(readable, key=_age) if len(readable) > 1 else readable


def _age(part: Part) -> tuple[float, float, str, str]:
    """Return what orders files: the time in the name, that of the first record, the name."""
    clock = part.file.first_clock() or 0.0
    return part.file.stamp or clock // 1, clock, part.writer.below, part.file.path.name


def lay_out(parts: Sequence[Part], *, quick: bool = False) -> None:
    """Find each part's place among the others; ``quick`` may overlook rare tags."""
    if len(parts) < 2:
        return
    launch, shift, end = 0, 0.0, -inf
    running = set[tuple[str, str]]()
    starts = [part.file.start(quick=quick) for part in parts]
    for number, (part, start) in enumerate(zip(parts, starts, strict=True)):
        tags = {(part.writer.below, tag) for tag in start.steps}
        if tags & running:
            launch += 1
            running = set[tuple[str, str]]()
            if start.step <= 1 and end >= start.step:
                shift = end + 1 - start.step
        running |= tags
        part.launch, part.shift = launch, shift
        for earlier in parts[:number]:
            if earlier.writer.below == part.writer.below:
                _replay(earlier, start, shift)
        part.ends = last_steps(part.file.last(quick=quick))
        end = max([end, *(step + shift for step in part.ends.values())])
    own = {
        tag
        for part, start in zip(parts, starts, strict=True)
        for tag in start.steps
        if not part.writer.below
    }
    for part in parts:
        part.taken = own if part.writer.below else set()


def _replay(earlier: Part, start: Start, shift: float) -> None:
    """Note what a later file of the same writer replays."""
    earlier.limit = min(earlier.limit, start.purges + shift)
    for tag, step in start.steps.items():
        earlier.limits[tag] = min(earlier.limits.get(tag, inf), step + shift)
