"""The store: what was learned, by key, in one SQLite file that may be deleted at any time.

    kept(key, stamp, used, glance, body)        version in PRAGMA user_version

It knows nothing of runs: ``glance`` and ``body`` are bytes to it. A cache must never stand in
the way: where it cannot be opened, read or written, ``trouble`` says why and every question is
answered "nothing known". Several processes may use one file (SQLite's write-ahead log); a
killed writer leaves the last whole state. The file is open only while it is asked something, so
that nothing is left open where a program forgets it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

VERSION = 1
FILE = "index.sqlite"
LIMIT = 512 << 20
"""Bytes the store may take, unless ``RUNWISE_CACHE_MB`` says otherwise."""
_AFTER = 0.8
"""Share of the limit that is left once the least recently used have been thrown out."""
_WAIT = 0.25
"""Seconds to wait for another process; then the question is answered without the store."""
_AT_ONCE = 500
_STALE = 3600.0
"""Seconds after which it is worth a write to note that something was used again."""
_TABLE = """
CREATE TABLE IF NOT EXISTS kept (
    key TEXT PRIMARY KEY, stamp BLOB NOT NULL, used REAL NOT NULL,
    glance BLOB NOT NULL DEFAULT x'', body BLOB NOT NULL DEFAULT x''
) WITHOUT ROWID
"""


_KEEP_GLANCE = """
INSERT INTO kept (key, stamp, used, glance) VALUES (?, ?, ?, ?) ON CONFLICT (key)
DO UPDATE SET stamp = excluded.stamp, glance = excluded.glance, used = excluded.used
"""
_KEEP_BODY = """
INSERT INTO kept (key, stamp, used, body) VALUES (?, x'', ?, ?) ON CONFLICT (key)
DO UPDATE SET body = excluded.body, used = excluded.used
"""


class Store:
    """Bytes by key, bounded in size. No method raises for the state of the disk."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.path = folder / FILE
        self.limit = limit
        self.trouble = ""

    def glances(self, keys: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
        """Return stamp and glance by key, as far as they are known."""
        found: dict[str, tuple[bytes, bytes]] = {}
        for begin in range(0, len(keys), _AT_ONCE):
            some = keys[begin : begin + _AT_ONCE]
            places = ",".join("?" * len(some))
            question = f"SELECT key, stamp, glance FROM kept WHERE key IN ({places})"  # noqa: S608  question marks
            found |= {key: (mark, glance) for key, mark, glance in self._ask(question, *some)}
        return found

    def body(self, key: str) -> bytes:
        """Return what was learned under a key, empty for nothing."""
        for body, used in self._ask("SELECT body, used FROM kept WHERE key = ?", key):
            if time.time() - used > _STALE:
                self._do([("UPDATE kept SET used = ? WHERE key = ?", (time.time(), key))])
            return body
        return b""

    def keep_glances(self, found: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Keep ``(key, stamp, glance)``; what was learned before stays."""
        now = time.time()
        self._do((_KEEP_GLANCE, (key, stamp, now, glance)) for key, stamp, glance in found)

    def keep_body(self, key: str, body: bytes) -> None:
        """Keep what was learned under a key."""
        self._do([(_KEEP_BODY, (key, time.time(), body))])
        self._evict()

    def drop(self, keys: Iterable[str]) -> None:
        """Forget what was kept under some keys."""
        self._do([("DELETE FROM kept WHERE key = ?", (key,)) for key in keys])

    def clear(self) -> bool:
        """Delete everything; say whether there was something."""
        found = False
        for path in self._files():
            with suppress(FileNotFoundError):
                path.unlink()
                found = True
        return found

    def size(self) -> int:
        """Return the bytes on disk."""
        total = 0
        for path in self._files():
            with suppress(OSError):
                total += path.stat().st_size
        return total

    def count(self) -> tuple[int, int, int, int]:
        """Return how many glances and bodies there are, and the bytes of each."""
        sums = ", ".join(
            f"coalesce(sum({what}), 0)"
            for what in ("glance != x''", "body != x''", "length(glance)", "length(body)")
        )
        for glances, bodies, small, large in self._ask(f"SELECT {sums} FROM kept"):  # noqa: S608  ours
            return glances, bodies, small, large
        return 0, 0, 0, 0

    def _files(self) -> Iterator[Path]:
        for suffix in ("", "-wal", "-shm"):
            yield self.path.with_name(self.path.name + suffix)

    def _ask(self, question: str, *values: object) -> list[Any]:
        if self.trouble:
            return []
        try:
            if not self.path.exists():
                return []  # nothing was kept yet: asking must not make a file
            with closing(self._connected()) as connection:
                return connection.execute(question, values).fetchall()
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)
            return []

    def _do(self, changes: Iterable[tuple[str, tuple[object, ...]]]) -> None:
        if self.trouble:
            return
        try:
            with closing(self._connected()) as connection, connection:  # all or nothing
                for statement, values in changes:
                    connection.execute(statement, values)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _connected(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self.path, timeout=_WAIT)
        try:
            self._prepare(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:  # of another release: start again
            with connection:
                connection.execute("DROP TABLE IF EXISTS kept")
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {VERSION}")

    def _evict(self) -> None:
        """Throw out what was used least recently, until there is room again."""
        if self.size() <= self.limit:
            return
        rows = self._ask("SELECT key, length(glance) + length(body) FROM kept ORDER BY used")
        sizes: list[tuple[str, int]] = [(key, size) for key, size in rows]
        excess = sum(size for _, size in sizes) - int(self.limit * _AFTER)
        doomed: list[str] = []
        for key, size in sizes:
            if excess <= 0:
                break
            doomed.append(key)
            excess -= size
        self._do([("DELETE FROM kept WHERE key = ?", (key,)) for key in doomed])
        self._ask("VACUUM")

    def _give_up(self, error: OSError | sqlite3.Error) -> None:
        """Go on without; a file that is no data base any more is thrown away."""
        if type(error) is sqlite3.DatabaseError:  # the plain class: malformed, or no data base
            with suppress(OSError):
                self.clear()
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.trouble = f"the cache in {self.path.parent} is not used: {reason.lower()}"


def short_key(text: str) -> str:
    """Return a key of a fixed length: names of files may be no text at all."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def cache_folder() -> Path:
    """Return where the store lives: ``RUNWISE_CACHE_DIR``, or the user's cache directory."""
    told = os.environ.get("RUNWISE_CACHE_DIR")
    if told:
        return Path(os.path.expanduser(told))  # noqa: PTH111 - Path has no word for a nameless home
    from platformdirs import user_cache_path  # noqa: PLC0415  needed only without the variable

    return user_cache_path("runwise", appauthor=False)


def cache_limit() -> int:
    """Return the bytes the store may take."""
    try:
        return max(1, int(os.environ.get("RUNWISE_CACHE_MB", ""))) << 20
    except ValueError:
        return LIMIT
