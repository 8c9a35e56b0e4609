"""One ``run-<id>.wandb`` file: its ends, its rows in pieces, samples and windows of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.framing import HEADER, HEADER_SIZE, Frames, Record
from runwise_parsers.wandb_log.kinds import CONSOLE, DESCRIPTION, EXIT, STATS
from runwise_parsers.wandb_log.mending import BLOCK
from runwise_parsers.wandb_log.pieces import Piece, piece_of, step_of

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.wandb_log.columns import Columns

WINDOW = 8 * BLOCK
"""Bytes read at once: enough to amortise calls, little enough for a processor's cache."""
END = 2 * BLOCK
LARGEST_END = 512 * BLOCK
Rows = Sequence[bytes]


@dataclass(slots=True)
class LogFile:
    """A W&B log on disk, which may still grow while it is read.

    ``lost``, ``holes`` and ``torn`` say what the last whole pass could not read.
    """

    path: Path
    by_core: bool = False
    lost: int = 0
    holes: int = 0
    torn: bool = False

    def size(self) -> int:
        """Return the bytes on disk now."""
        return self.path.stat().st_size

    def trouble(self) -> Gap | None:
        """Return why the file is no readable log at all, ``None`` if it is one."""
        try:
            with self.path.open("rb") as file:
                head = file.read(64)
        except OSError as error:
            return unreadable(self.path.name, error)
        if head.startswith(LFS_POINTER):
            return lfs_pointer(self.path.name)
        if len(head) <= HEADER_SIZE:
            return Gap(
                self.path.name, "it is empty", "The writer ended, or has not yet flushed a row."
            )
        if not head.startswith(HEADER):
            return Gap(
                self.path.name, "it does not begin like a W&B log", "Copy it again, as binary."
            )
        return None

    def pieces(
        self, columns: Columns, description: Description | None = None, offset: int = HEADER_SIZE
    ) -> Iterator[Piece]:
        """Yield the rows from ``offset`` on, a window at a time."""
        keep = DESCRIPTION if description is not None else frozenset[int]()
        frames = Frames(keep, offset, offset, by_core=self.by_core)
        with self.path.open("rb", buffering=0) as file:
            file.seek(offset)
            while data := file.read(WINDOW - frames.offset % WINDOW):
                reached = frames.offset + len(data)
                rows, kept = frames.walk(data)
                if description is not None:
                    description.take(kept)
                yield piece_of(rows, columns, frames.start)
                if frames.offset < reached:
                    break
        self.by_core, self.holes, self.lost = frames.by_core, frames.holes, len(frames.lost)
        self.torn = frames.start < reached if offset < self.size() else False

    def damage(self) -> list[Gap]:
        """Return what the last whole pass could not read."""
        found: list[Gap] = []
        if self.lost:
            records = f"about {self.holes} records" if self.holes else "some records"
            places = f"{self.lost} place{'s' if self.lost > 1 else ''}"
            found.append(
                Gap(
                    f"{records} of {self.path.name}",
                    f"its bytes are damaged in {places}",
                    "All other records were read; copy the file again if these matter.",
                )
            )
        if self.torn:
            found.append(
                Gap(
                    f"the last record of {self.path.name}",
                    "the log ends inside it",
                    "The writer was killed while it wrote.",
                )
            )
        return found

    def head(self, description: Description) -> Rows:
        """Learn from the beginning; return the rows met there."""
        size, end = self.size(), END
        while True:
            rows, kept = self._between(HEADER_SIZE, end, DESCRIPTION)
            probe = Description()
            probe.take(kept)
            if probe.run or end >= min(size, LARGEST_END):
                description.take(kept)
                return rows
            end *= 4

    def tail(self, description: Description) -> Rows:
        """Learn from the end, which holds the exit record if there is one; return its rows."""
        size, length = self.size(), END
        while True:
            begin = max(HEADER_SIZE, (size - length) // BLOCK * BLOCK)
            rows, kept = self._between(begin, size, DESCRIPTION | CONSOLE | {STATS})
            ended = any(kind == EXIT for kind, _ in kept)
            if rows or ended or begin == HEADER_SIZE or length >= LARGEST_END:
                description.take(kept)
                return rows
            length *= 4

    def last_rows(self, count: int) -> Rows:
        """Return at least ``count`` rows from the end, all if there are fewer."""
        size, length = self.size(), END
        while True:
            begin = max(HEADER_SIZE, (size - length) // BLOCK * BLOCK)
            rows = self._between(begin, size, frozenset())[0]
            if len(rows) >= count or begin == HEADER_SIZE:
                return rows
            length *= 4

    def first_step(self) -> float | None:
        """Return the step of the first row, ``None`` where there is no row."""
        return self._step_behind(0)

    def last_step(self) -> float | None:
        """Return the step of the last row, ``None`` where there is no row."""
        rows = self.last_rows(1)
        return step_of(rows[-1]) if rows else None

    def sampled(self, places: int) -> Iterator[Rows]:
        """Yield the rows of up to ``places`` evenly spread stretches, first and last included."""
        blocks = max(1, -(-self.size() // BLOCK))
        if blocks <= places:
            yield self._between(HEADER_SIZE, self.size(), frozenset())[0]
            return
        chosen = sorted({round(place * (blocks - 1) / (places - 1)) for place in range(places)})
        for block in chosen:
            yield self._between(max(HEADER_SIZE, block * BLOCK), (block + 1) * BLOCK, frozenset())[
                0
            ]

    def offset_of(self, step: float) -> int:
        """Return a chunk's offset before the first row whose step is at least ``step``."""
        low, high = 0, max(0, self.size() // BLOCK)
        while high - low > 1:
            middle = (low + high) // 2
            met = self._step_behind(middle)
            if met is not None and met < step:
                low = middle
            else:
                high = middle
        return max(HEADER_SIZE, low * BLOCK)

    def console(self, wanted: int) -> list[Record]:
        """Return the console records at the end that hold about ``wanted`` lines."""
        size, length = self.size(), END
        while True:
            begin = max(HEADER_SIZE, (size - length) // BLOCK * BLOCK)
            kept = self._between(begin, size, CONSOLE)[1]
            lines = sum(body.count(b"\n") + 1 for _, body in kept)
            if lines > 2 * wanted or begin == HEADER_SIZE or length >= LARGEST_END // 4:
                return kept
            length *= 4

    def _between(self, begin: int, end: int, keep: frozenset[int]) -> tuple[Rows, list[Record]]:
        """Return the rows and kept records of one stretch; ``begin`` is a chunk's offset."""
        frames = Frames(keep, begin, begin, by_core=self.by_core)
        with self.path.open("rb", buffering=0) as file:
            file.seek(begin)
            data = file.read(max(0, end - begin))
        found = frames.walk(data)
        self.by_core = self.by_core or frames.by_core
        return found

    def _step_behind(self, block: int) -> float | None:
        """Return the step of the first row that begins in or behind a block."""
        size, begin = self.size(), block * BLOCK
        while begin < size:
            rows = self._between(max(HEADER_SIZE, begin), begin + END, frozenset())[0]
            if rows:
                return step_of(rows[0])
            begin += END
        return None
