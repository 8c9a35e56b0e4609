"""A long log in slices that can be read apart from each other, in any process, and then joined.

    sliced = run.slices(size)                        None: this run is read in one
    readings = [one.read() for one in sliced.slices] anywhere; all rows, and then ``told``
    sliced.take(reading.told)                        in order
    sliced.finish()                                  the run knows all that a whole pass teaches

A slice may have to suppose something of what stands before it: that a record ends there, say.
What it supposed is part of what it tells, and ``take`` compares it with what turned out to be
so. Where it was not so, the slice is read once more, knowing better: joined slices say what one
pass over the whole says, or nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from runwise_parsers.series import Batch

Told = dict[str, object]
"""What a slice says of itself besides its rows: JSON can hold it, NaN and infinities apart."""


class Slice(ABC):
    """A stretch of one log, as plain data that can be sent to another process.

    ``begin`` and ``end`` are offsets in the file at ``path``; ``None`` is its end, wherever
    that is by then.
    """

    path: Path
    begin: int
    end: int | None

    @abstractmethod
    def read(self) -> Reading:
        """Return its rows, to be read once."""


class Reading(ABC):
    """The rows of one slice."""

    @abstractmethod
    def __iter__(self) -> Iterator[Batch]:
        """Yield all rows in bounded batches, without cursors; segments are counted from 0.

        Raises ``OSError`` where the file cannot be read.
        """

    @property
    @abstractmethod
    def told(self) -> Told:
        """What else there is to say, once all rows were read."""


class Sliced(ABC):
    """The slices of a run, and how they become one run again."""

    @property
    @abstractmethod
    def slices(self) -> Sequence[Slice]:
        """All slices, in their order."""

    @abstractmethod
    def take(self, told: Told) -> int | None:
        """Take what the next slice told; return what to add to the numbers of its segments.

        ``None`` says that it supposed something that was not so: read it ``again``, and take
        what that tells. Raises ``ValueError`` for what no slice told.
        """

    @abstractmethod
    def again(self) -> Reading:
        """Return the rows of the next slice, read with what is known of those before it."""

    @abstractmethod
    def finish(self) -> tuple[int, str]:
        """Let the run answer as after a whole pass; return the last segment and the cursor."""
