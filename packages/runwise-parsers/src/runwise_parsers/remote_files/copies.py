"""Copies of a store's files: whole in ``tree``, and never there before they are whole.

    unknown, or no longer the same    fetched anew, beside its place, and put there when it is who
    grown                             its new bytes, if what was there before still is
    the same size and tag             nothing

Whether a file only grew is told by its beginning and by the bytes before its old end.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_files.marks import Marks
from runwise_parsers.remote_files.place import TREE
from runwise_parsers.remote_files.store import NoRanges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from runwise_parsers.remote_files.store import Entry, Store

    Tell = Callable[[int, int], None]

SMALL = 1 << 16
"""Bytes up to which a file that changed is fetched whole."""
PIECE = 1 << 23
_PROOF = 1 << 10
_BATCH_BYTES, _BATCH_FILES = 1 << 25, 64
_TRIES = 3
_REWRITTEN = (".json", ".yaml", ".yml", ".db", ".db-wal", ".sqlite", ".sqlite3", ".zip")
_LOG_TOO = (".log.json", "metrics.json", "scalars.json")
"""Names that end like a file which is written anew, and are appended to."""


class Copies:
    """The files of one store that were copied below ``root``."""

    def __init__(self, root: Path, store: Store) -> None:
        self.root = root
        self.tree = root / TREE
        self.marks = Marks(root / "marks")
        self._store = store

    def path(self, entry: Entry) -> Path:
        """Return where a file is, or will be once it is whole."""
        return entry.place.local(self.tree)

    def is_whole(self, entry: Entry) -> bool:
        """Say whether all of a file is here, as it is in the store now."""
        mark = self.marks.get("tree", entry)
        same = mark is not None and bool(entry.tag) and mark == (entry.tag, entry.size)
        return same and _size(self.path(entry)) == entry.size

    def bring(self, entries: Sequence[Entry], tell: Tell | None = None) -> None:
        """Bring whole files here, or what is new of them. ``tell`` counts bytes.

        Raises ``RemoteError``; what was whole by then is kept.
        """
        due = [one for one in entries if not self.is_whole(one)]
        told = _Told(tell, sum(max(0, one.size) for one in due))
        several: list[Entry] = []
        try:
            for entry in due:
                if entry.size > PIECE or self._may_have_grown(entry):
                    self._bring_large(entry, told)
                else:
                    several.append(entry)
            for batch in _batches(several):
                self._bring_several(batch, told)
        finally:
            self.marks.save()

    def forget_others(self, folder: tuple[str, ...], entries: Sequence[Entry]) -> None:
        """Remove the copies below a directory of files that are no longer in the store."""
        kept = {self.path(one) for one in entries}
        top = self.tree.joinpath(*folder)
        for path in [one for one in top.rglob("*") if one.is_file() and one not in kept]:
            path.unlink()

    def _may_have_grown(self, entry: Entry) -> bool:
        mark = self.marks.get("tree", entry)
        return (
            mark is not None
            and _appended(entry)
            and mark[1] > SMALL
            and (mark[1] < entry.size or (mark[1] == entry.size and not entry.tag))
            and _size(self.path(entry)) >= mark[1]
        )

    def _bring_several(self, entries: Sequence[Entry], told: _Told) -> None:
        """Bring small files, each by one question."""
        datas = self._store.whole([one.place for one in entries])
        for entry, data in zip(entries, datas, strict=True):
            if data is None:  # it was there a moment ago
                self.marks.drop("tree", entry)
                self.path(entry).unlink(missing_ok=True)
                continue
            part = self._part(entry)
            part.write_bytes(data)
            # A file that changed since it was listed is looked at again next time.
            self._place(entry, part, "" if len(data) != entry.size else entry.tag)
            told.more(len(data))

    def _bring_large(self, entry: Entry, told: _Told) -> None:
        """Bring a file piece by piece; one that changes meanwhile is looked at again."""
        for _ in range(_TRIES):
            try:
                if not (self._may_have_grown(entry) and self._grown(entry, told)):
                    self._fetched(entry, told)
            except NoRanges:
                self._downloaded(entry, told)
            now = self._store.stat(entry.place)
            if (now.tag, now.size) == (entry.tag, entry.size):
                return
            entry = now
            self.marks.put("tree", entry, _size(self.path(entry)), "")
        raise RemoteError(
            f"{entry.place} changes faster than it can be fetched", "Ask again later."
        )

    def _grown(self, entry: Entry, told: _Told) -> bool:
        """Add what is new in a file; say no where what was there before has changed."""
        path, (_, size) = self.path(entry), self.marks.get("tree", entry) or ("", 0)
        os.truncate(path, size)
        with path.open("r+b") as file:
            head = file.read(_PROOF)
            file.seek(size - _PROOF)
            tail = file.read(_PROOF)
            if self._store.span(entry.place, 0, _PROOF, entry.size) != head:
                return False
            stop = min(entry.size, size + PIECE)
            fresh = self._store.span(entry.place, size - _PROOF, stop, entry.size)
            if fresh[:_PROOF] != tail:
                return False
            file.write(fresh[_PROOF:])
            told.more(len(fresh) - _PROOF)
            for begin in range(stop, entry.size, PIECE):
                file.write(self._piece(entry, begin, told))
        self._dated(entry, path)
        self.marks.put("tree", entry, entry.size)
        return True

    def _fetched(self, entry: Entry, told: _Told) -> None:
        """Fetch a large file, going on where a fetch of the same version stopped."""
        part = self._part(entry)
        mark = self.marks.get("parts", entry)
        if not entry.tag or mark != (entry.tag, entry.size) or _size(part) > entry.size:
            part.unlink(missing_ok=True)
            self.marks.put("parts", entry, entry.size)
            self.marks.save()
        with part.open("ab") as file:
            for begin in range(file.tell(), entry.size, PIECE):
                file.write(self._piece(entry, begin, told))
        self.marks.drop("parts", entry)
        self._place(entry, part, entry.tag)

    def _downloaded(self, entry: Entry, told: _Told) -> None:
        """Fetch a file as a whole, from a server that can do nothing else."""
        part = self._part(entry)
        self._store.download(entry.place, part)
        told.more(_size(part))
        self._place(entry, part, entry.tag if _size(part) == entry.size else "")

    def _piece(self, entry: Entry, begin: int, told: _Told) -> bytes:
        end = min(entry.size, begin + PIECE)
        data = self._store.span(entry.place, begin, end, entry.size)
        told.more(len(data))
        return data

    def _part(self, entry: Entry) -> Path:
        path = entry.place.local(self.root / "parts")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _place(self, entry: Entry, part: Path, tag: str) -> None:
        """Put a file that is whole where it belongs."""
        path = self.path(entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._dated(entry, part)
        self.marks.put("tree", entry, _size(part), tag)
        part.replace(path)

    @staticmethod
    def _dated(entry: Entry, path: Path) -> None:
        """Give a copy the time of its original; one of unknown time must not look fresh."""
        clock = entry.modified or 0.0
        os.utime(path, (clock, clock))


class _Told:
    """Counts bytes for a progress bar."""

    def __init__(self, tell: Tell | None, total: int) -> None:
        self._tell = tell
        self._total = total
        self._done = 0

    def more(self, size: int) -> None:
        self._done += size
        if self._tell is not None:
            self._tell(self._done, max(self._total, self._done))


def _appended(entry: Entry) -> bool:
    name = entry.place.parts[-1].lower()
    return name.endswith(_LOG_TOO) or not name.endswith(_REWRITTEN)


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == _BATCH_FILES or size + entry.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += max(0, entry.size)
    if batch:
        yield batch


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
