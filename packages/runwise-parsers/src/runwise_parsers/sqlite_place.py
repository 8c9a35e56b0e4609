"""Where a SQLite file can be read from so that nothing is written beside it (see sqlite_file)."""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap

if TYPE_CHECKING:
    from pathlib import Path
    from tempfile import TemporaryDirectory

Stamp = tuple["tuple[int, int] | None", "tuple[int, int] | None"]
"""Times and sizes of a database and of its ``-wal``."""

_LARGEST_COPY = 1 << 30
_SMALLEST = 512
_NO_WAL = bytes([1, 1])
"""The versions for writing and reading in a header; others make SQLite open a ``-wal``."""
_WAL_MAGIC = 0x377F0683
_SALTS = 32
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A database as SQLite is to open it.

    ``stamp`` is that of a file that is read without a lock: with another one it was written to.
    """

    path: Path
    uri: str
    stamp: Stamp | None = None
    gaps: tuple[Gap, ...] = ()
    scratch: TemporaryDirectory[str] | None = None

    def is_still(self) -> bool:
        """Say whether what was read so far fits together."""
        return self.stamp is None or self.stamp == stamp_of(self.path)

    def remove(self) -> None:
        """Remove the copy, if there is one."""
        if self.scratch is not None:
            self.scratch.cleanup()


def place_of(path: Path) -> Place:
    """Return how a database is read in place, or a copy of it where that would write."""
    real = path.resolve()
    base = real.as_uri()
    if _size(real) < _SMALLEST:  # SQLite would remove what lies beside such a file
        return _still(path, real)
    if _size(_beside(real, "-wal")):
        if not _is_wal(_header(_beside(real, "-wal"))):
            why = f"{real.name}-wal, where they stand, is damaged"
            remedy = "What was written before its last checkpoint was read."
            return _still(path, real, Gap(f"the newest rows of {path.name}", why, remedy))
        shared = f"{base}?mode=ro&readonly_shm=1"
        if _beside(real, "-shm").exists() and _opens(shared):
            return Place(path, shared)
        return _copied(path, real)
    if _size(_beside(real, "-journal")) and not _opens(f"{base}?mode=ro"):
        why = "a transaction was cut, and to take it back is to write"
        gap = Gap(f"rows of {path.name}", why, "Open it once with its tracker.")
        return _still(path, real, gap)
    if _header(real)[18:20] == _NO_WAL:
        return Place(path, f"{base}?mode=ro")
    return _still(path, real)


def stamp_of(path: Path) -> Stamp:
    """Return times and sizes of a database and its ``-wal``, ``None`` for what is not there."""
    real = path.resolve()
    return _stamp(real), _stamp(_beside(real, "-wal"))


def _is_wal(header: bytes) -> bool:
    """Say whether a ``-wal`` begins as one: by others SQLite waits for ten seconds.

    Magic (the order of bytes in sums), version, page size, count, two salts; two running sums.
    """
    if len(header) < _SALTS:
        return False
    magic = int.from_bytes(header[:4], "big")
    words = struct.unpack(">6I" if magic & 1 else "<6I", header[:24])
    one = two = 0
    for at in range(0, len(words), 2):
        one = (one + words[at] + two) & 0xFFFFFFFF
        two = (two + words[at + 1] + one) & 0xFFFFFFFF
    return magic | 1 == _WAL_MAGIC and struct.unpack(">2I", header[24:32]) == (one, two)


def _still(path: Path, real: Path, *gaps: Gap) -> Place:
    return Place(path, f"{real.as_uri()}?mode=ro&immutable=1", stamp_of(real), gaps)


def _copied(path: Path, real: Path) -> Place:
    from tempfile import TemporaryDirectory  # noqa: PLC0415  costs 6 ms and is rarely needed

    wal = _beside(real, "-wal")
    size = _size(real) + _size(wal)
    why = f"they stand in {wal.name}, and {size >> 20} MiB are too much to be copied"
    if size <= _LARGEST_COPY:
        scratch = TemporaryDirectory(prefix="runwise-")
        try:
            copy = _copy(real, wal, scratch.name)
        except OSError as error:
            scratch.cleanup()
            why = f"{wal.name} cannot be copied: {error.strerror}"
        else:
            return Place(path, f"{copy.as_uri()}?mode=ro", scratch=scratch)
    gap = Gap(f"the newest rows of {path.name}", why, "Open it once with its tracker.")
    return _still(path, real, gap)


def _copy(real: Path, wal: Path, folder: str) -> Path:
    """Copy a pair of files that fit together: no checkpoint came between them."""
    from shutil import copyfile  # noqa: PLC0415  see above

    copy = real.__class__(folder) / "copy.db"
    for _ in range(_TRIES):
        before = _stamp(real), _header(wal)
        copyfile(real, copy)
        copyfile(wal, _beside(copy, "-wal"))
        if before == (_stamp(real), _header(wal)):
            break
    return copy


def _opens(uri: str) -> bool:
    """Say whether SQLite can read a database; that it is locked is no reason against it."""
    try:
        connection = sqlite3.connect(uri, uri=True, timeout=0.1, isolation_level=None)
    except sqlite3.Error:
        return False
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return "locked" in str(error)
    finally:
        connection.close()
    return True


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _header(path: Path) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(_SALTS)
    except OSError:
        return b""


def _size(path: Path) -> int:
    stamp = _stamp(path)
    return stamp[1] if stamp else 0


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
