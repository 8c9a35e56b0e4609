"""A long history read exactly: in slices, by several processes, and in more than one attempt.

What a slice taught is kept as soon as it is known, and forgotten once all of them are joined: an
attempt that was interrupted costs the next one nothing but the slices that are missing.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise.index.part import Part, add, part_of, read_part
from runwise.index.store import short_key
from runwise.index.witness import marks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from runwise.index.merged import Merged
    from runwise.index.store import Store
    from runwise_parsers import Run
    from runwise_parsers.slices import Slice, Sliced

SMALLEST = 1 << 25
"""Bytes of a slice at least: joining what it taught costs some milliseconds a metric."""
_MOST = 64
_SHARE = 4
"""The part of the store that slices may take is one in so many."""


@dataclass(frozen=True, slots=True)
class Means:
    """How a long history is read: by how many processes, or by whose ``executor``.

    ``None`` workers are as many as there are processors for us. Any ``Executor`` will do, if its
    workers see the same files; it is left open. ``progress`` is called with the bytes read so
    far and those there are.
    """

    workers: int | None = 1
    executor: Executor | None = None
    progress: Callable[[int, int], None] | None = None


class Shelf:
    """The parts of one run in the store, as long as its file is the one they were read from."""

    def __init__(self, store: Store | None, key: str) -> None:
        self._store, self._key = store, key
        self._names: list[str] = []

    def known(self, slices: Sequence[Slice]) -> set[int]:
        """Return the places of the slices of which something is kept."""
        if self._store is None:
            return set()
        self._names = [self._name(one) for one in slices]
        rows = self._store.glances(self._names)
        there = (place for place, name in enumerate(self._names) if name in rows)
        return {place for place in there if self.part(slices[place]) is not None}

    def part(self, one: Slice) -> Part | None:
        """Return what is kept of a slice, ``None`` for nothing or of another file."""
        mark = self._mark(one)
        data = self._store.body(self._name(one)) if self._store and mark else b""
        try:
            return Part.from_bytes(data[len(mark) :]) if data.startswith(mark) and data else None
        except ValueError:
            return None

    def keep(self, one: Slice, data: bytes, count: int) -> None:
        """Keep a part, one of so many, unless these would throw out everything else."""
        mark = self._mark(one)
        if self._store and mark and count * len(data) <= self._store.limit // _SHARE:
            self._store.keep_body(self._name(one), mark + data)

    def clear(self) -> None:
        """Forget all parts: what they taught is known now."""
        if self._store is not None and self._names:
            self._store.drop(self._names)

    def _name(self, one: Slice) -> str:
        return short_key(f"part\n{self._key}\n{one!r}")

    @staticmethod
    def _mark(one: Slice) -> bytes:
        """Return what tells a file's bytes up to a slice's end; nothing for a last slice."""
        if one.end is None:
            return b""
        try:
            inode = one.path.stat().st_ino
        except OSError:
            return b""
        found = marks({str(one.path): one.end})
        return inode.to_bytes(16, "little") + found if found else b""


def joined(run: Run, into: Merged, means: Means, shelf: Shelf) -> bool:
    """Read all of a run; say whether it could be done in slices. If not, read it in one."""
    try:
        sliced = run.slices(_size(run.size()))
        if sliced is None:
            return False
        _join(sliced, into, means, shelf)
        into.segment, cursor = sliced.finish()
    except (OSError, ValueError):  # it went, or changed, while it was read
        into.forget()
        return False
    into.cursor = cursor or None
    return True


def _join(sliced: Sliced, into: Merged, means: Means, shelf: Shelf) -> None:
    from runwise.index.workers import cores, read_parts  # noqa: PLC0415  few need processes

    slices, workers = sliced.slices, means.workers or cores()
    known = shelf.known(slices)
    missing = [one for place, one in enumerate(slices) if place not in known]
    sizes = [(one.end or one.path.stat().st_size) - one.begin for one in slices]
    done = 0
    with closing(read_parts(missing, workers, means.executor)) as parts:
        for place, one in enumerate(slices):
            part = shelf.part(one) if place in known else None
            data = b"" if part else next(parts) if place not in known else read_part(one)
            part = part or Part.from_bytes(data)
            base = sliced.take(part.told)
            if base is None:
                part = part_of(sliced.again())
                data, base = part.to_bytes(), sliced.take(part.told)
            if base is None:
                raise ValueError("a slice does not fit where it was cut")
            add(into.metrics, part, base)
            if data:
                shelf.keep(one, data, len(slices))
            done += sizes[place]
            if means.progress is not None:
                means.progress(done, sum(sizes))


def _size(total: int) -> int:
    """Return the bytes of a slice: the same for logs of about one size, which may grow."""
    size = SMALLEST
    while size * _MOST < total:
        size *= 2
    return size
