"""One ``run-<id>.wandb`` file: a whole pass in pieces, and stretches of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from runwise_parsers.leveldb.blockfile import END, WINDOW, BlockFile
from runwise_parsers.leveldb.mending import HEADER_SIZE
from runwise_parsers.wandb_log.framing import HEADER, Frames, Record
from runwise_parsers.wandb_log.kinds import DESCRIPTION
from runwise_parsers.wandb_log.pieces import Piece, piece_of
from runwise_parsers.wandb_log.steps import has_step, numbered

if TYPE_CHECKING:
    from runwise_parsers.wandb_log.columns import Columns
    from runwise_parsers.wandb_log.description import Description

Rows = Sequence[bytes]
_NOTHING = frozenset[int]()


@dataclass(slots=True)
class LogFile(BlockFile):
    """A W&B log on disk, which may still grow while it is read.

    ``unstepped`` says that its rows hold no step, as in W&B's shared mode (``None``: not yet
    known). They are counted then: 0, 1, 2 ...
    """

    header: ClassVar[bytes] = HEADER
    writer: ClassVar[str] = "a W&B"

    by_core: bool = False
    unstepped: bool | None = None

    def pieces(
        self,
        columns: Columns,
        description: Description | None = None,
        offset: int = HEADER_SIZE,
        seen: int = 0,
    ) -> Iterator[Piece]:
        """Yield the rows from ``offset`` on, a window at a time; ``seen`` stand before it."""
        keep = DESCRIPTION if description is not None else _NOTHING
        for frames, rows, kept in self._walk(keep, offset, seen):
            if description is not None:
                description.take(kept)
            seen += len(rows)
            yield piece_of(rows, columns, frames.start, seen)

    def rows(self) -> Iterator[list[bytes]]:
        """Yield all rows, a window at a time."""
        for _, rows, _ in self._walk(_NOTHING):
            yield rows

    def records(self, keep: frozenset[int]) -> Iterator[list[Record]]:
        """Yield all records of some kinds, a window at a time."""
        for _, _, kept in self._walk(keep):
            yield kept

    def in_order(self, wanted: frozenset[int]) -> Iterator[tuple[list[bytes], int, list[bytes]]]:
        """Yield all records of those windows that hold one of the ``wanted`` kinds.

        Before them stand the newest row in front of that window, if there is one, and the
        number of rows there.
        """
        frames = Frames(wanted, by_core=self.by_core)
        newest: list[bytes] = []
        seen = 0
        with self.path.open("rb", buffering=0) as file:
            file.seek(HEADER_SIZE)
            while data := file.read(WINDOW - frames.offset % WINDOW):
                reached, whole = frames.offset + len(data), frames.ahead()
                rows, kept = frames.walk(data)
                if kept:
                    yield newest, seen, whole(data)
                newest, seen = rows[-1:] or newest, seen + len(rows)
                if frames.offset < reached:
                    return

    def between(
        self, begin: int, end: int, keep: frozenset[int] = _NOTHING
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

    def first_row(self, begin: int = HEADER_SIZE) -> bytes | None:
        """Return the first row that begins in or behind a chunk, ``None`` if there is none."""
        size, length = self.size(), END
        while begin < size:
            rows = self.between(begin, begin + length)[0]
            if rows:
                return rows[0]
            if begin + length >= size:
                return None
            length *= 2
        return None

    def lacks_steps(self) -> bool:
        """Say whether the rows hold no step; a log without rows is asked again."""
        if self.unstepped is None:
            row = self.first_row()
            return row is not None and self._counts(row)
        return self.unstepped

    def _counts(self, row: bytes) -> bool:
        """Say whether rows are counted, for which one row is enough."""
        if self.unstepped is None:
            self.unstepped = not has_step(row)
        return self.unstepped

    def _walk(
        self, keep: frozenset[int], offset: int = HEADER_SIZE, seen: int = 0
    ) -> Iterator[tuple[Frames, list[bytes], list[Record]]]:
        """Yield the frames behind each window, its rows and its kept records.

        Rows that hold no step get one: ``seen`` stand before the first window.
        """
        frames = Frames(keep, offset, offset, by_core=self.by_core)
        reached = offset
        with self.path.open("rb", buffering=0) as file:
            file.seek(offset)
            while data := file.read(WINDOW - frames.offset % WINDOW):
                reached = frames.offset + len(data)
                rows, kept = frames.walk(data)
                self.by_core = frames.by_core
                if rows and self._counts(rows[0]):
                    rows = numbered(rows, seen)
                    seen += len(rows)
                yield frames, rows, kept
                if frames.offset < reached:
                    break
        first = offset == HEADER_SIZE
        self.note(frames.lost, frames.holes, torn=frames.start < reached, first=first)
