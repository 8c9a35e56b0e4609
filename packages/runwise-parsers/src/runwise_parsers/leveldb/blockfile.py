"""One log file of blocks on disk: what it is, and what passes over it could not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.leveldb.mending import BLOCK, HEADER_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

WINDOW = 8 * BLOCK
"""Bytes read at once: enough to amortise calls, little enough for a processor's cache."""
END = 2 * BLOCK
LARGEST_END = 512 * BLOCK


@dataclass(slots=True)
class BlockFile:
    """A log on disk, which may still grow while it is read.

    ``lost``, ``holes`` and ``torn`` say what the passes so far could not read. A subclass says
    how its files begin (``header``) and who writes them (``writer``, as in "a W&B log").
    """

    header: ClassVar[bytes]
    writer: ClassVar[str]

    path: Path
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
        if len(head) > HEADER_SIZE and not head.startswith(self.header):
            because = f"it does not begin like {self.writer} log"
            return Gap(self.path.name, because, "Copy it again, as binary.")
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

    def note(
        self, lost: Iterable[tuple[int, int]], holes: int, *, torn: bool, first: bool
    ) -> None:
        """Remember what a pass could not read; the first one begins the account."""
        if first:
            self.lost, self.holes = set(), 0
        met = set(lost)
        if not self.lost.issuperset(met):
            self.holes += holes
            self.lost |= met
        self.torn = torn

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

    def end(self, length: int) -> int:
        """Return the offset of a chunk at least ``length`` bytes before the end."""
        return max(HEADER_SIZE, (self.size() - length) // BLOCK * BLOCK)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
