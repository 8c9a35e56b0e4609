"""One ``run-<id>.wandb`` file: a whole pass in pieces, and stretches of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.wandb_log.framing import HEADER, HEADER_SIZE, Frames, Record
from runwise_parsers.wandb_log.kinds import DESCRIPTION
from runwise_parsers.wandb_log.mending import BLOCK
from runwise_parsers.wandb_log.pieces import Piece, piece_of

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.wandb_log.columns import Columns
    from runwise_parsers.wandb_log.description import Description

WINDOW = 8 * BLOCK
"""Bytes read at once: enough to amortise calls, little enough for a processor's cache."""
END = 2 * BLOCK
LARGEST_END = 512 * BLOCK
Rows = Sequence[bytes]


@dataclass(slots=True)
class LogFile:
    """A W&B log on disk, which may still grow while it is read.

    ``lost``, ``holes`` and ``torn`` say what the passes so far could not read.
    """

    path: Path
    by_core: bool = False
    lost: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    holes: int = 0
    torn: bool = False

    def size(self) -> int:
        """Return the bytes on disk now."""
        return self.path.stat().st_size

    def trouble(self) -> Gap | None:
        """Return why the file is no readable log at all, ``None`` if it is one.

        A log of 7 bytes or less is one: its writer has not yet flushed a record.
        """
        try:
            with self.path.open("rb") as file:
                head = file.read(64)
        except OSError as error:
            return unreadable(self.path.name, error)
        if head.startswith(LFS_POINTER):
            return lfs_pointer(self.path.name)
        if len(head) > HEADER_SIZE and not head.startswith(HEADER):
            return Gap(
                self.path.name, "it does not begin like a W&B log", "Copy it again, as binary."
            )
        return None

    def emptiness(self) -> Gap | None:
        """Return the gap of a log in which nothing stands yet, ``None`` if something does."""
        if self.size() > HEADER_SIZE:
            return None
        return Gap(
            f"all records of {self.path.name}",
            "the log is empty",
            "Its writer ended, or has not yet flushed a row.",
        )

    def pieces(
        self, columns: Columns, description: Description | None = None, offset: int = HEADER_SIZE
    ) -> Iterator[Piece]:
        """Yield the rows from ``offset`` on, a window at a time."""
        keep = DESCRIPTION if description is not None else frozenset[int]()
        frames = Frames(keep, offset, offset, by_core=self.by_core)
        reached = offset
        with self.path.open("rb", buffering=0) as file:
            file.seek(offset)
            while data := file.read(WINDOW - frames.offset % WINDOW):
                reached = frames.offset + len(data)
                rows, kept = frames.walk(data)
                self.by_core = frames.by_core
                if description is not None:
                    description.take(kept)
                yield piece_of(rows, columns, frames.start)
                if frames.offset < reached:
                    break
        self._note(frames, reached, first=offset == HEADER_SIZE)

    def _note(self, frames: Frames, reached: int, *, first: bool) -> None:
        """Remember what a pass could not read; the first one begins the account."""
        if first:
            self.lost, self.holes = set(), 0
        if not self.lost.issuperset(frames.lost):
            self.holes += frames.holes
            self.lost.update(frames.lost)
        self.torn = frames.start < reached

    def damage(self) -> list[Gap]:
        """Return what the passes so far could not read in the midst of the log."""
        if not self.lost:
            return []
        records = f"about {_counted(self.holes, 'record')}" if self.holes else "some records"
        places = _counted(len(self.lost), "place")
        return [
            Gap(
                f"{records} of {self.path.name}",
                f"its bytes are damaged in {places}",
                "All other records were read; copy the file again if these matter.",
            )
        ]

    def unfinished(self) -> list[Gap]:
        """Return the gap of a last record that is not all there."""
        if not self.torn:
            return []
        return [
            Gap(
                f"the last record of {self.path.name}",
                "the log ends inside it",
                "The writer was killed while it wrote.",
            )
        ]

    def between(
        self, begin: int, end: int, keep: frozenset[int] = frozenset()
    ) -> tuple[Rows, list[Record]]:
        """Return the rows and kept records of one stretch; ``begin`` is a chunk's offset."""
        begin = max(HEADER_SIZE, begin)
        frames = Frames(keep, begin, begin, by_core=self.by_core)
        with self.path.open("rb", buffering=0) as file:
            file.seek(begin)
            data = file.read(max(0, end - begin))
        found = frames.walk(data)
        self.by_core = self.by_core or frames.by_core
        return found

    def end(self, length: int) -> int:
        """Return the offset of a chunk at least ``length`` bytes before the end."""
        return max(HEADER_SIZE, (self.size() - length) // BLOCK * BLOCK)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
