"""What is kept of runs, in the index and of those fetched from servers; how to forget it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.index.store import Store, cache_folder, cache_limit
from runwise.mirrors import Mirrors, mirrors_folder
from runwise_format import Document, Fields, Notes

if TYPE_CHECKING:
    from runwise_format.cells import Cell


def cache() -> Document:
    """Return where the index is, how many runs it knows, and how large it is and may be.

    Of runs that were fetched from servers the same.
    """
    store, mirrors = _store(), Mirrors(mirrors_folder())
    kept = mirrors.kept()
    fetched = sum(one.size for one in kept)
    listed, read, glances, bodies = store.count()
    size = store.size()
    items: dict[str, Cell] = {
        "path": str(store.path),
        "listed": listed,
        "listed_bytes": glances,
        "read": read,
        "read_bytes": bodies,
        "bytes": size,
        "limit_bytes": store.limit,
        "remote_path": str(mirrors.folder),
        "remote_runs": len(kept),
        "remote_bytes": fetched,
        "remote_limit_bytes": mirrors.limit,
    }
    known = f"{words.count(listed, 'file')} of runs described, {words.count(read, 'run')} read"
    return Document(
        kind="cache",
        title="cache",
        verdict=f"{known}: {words.size(size)} of at most {words.size(store.limit)}"
        + (f"; {_fetched(len(kept), fetched)}" if kept else ""),
        blocks=[
            Fields("cache", items, importance=60),
            Notes("notes", [store.trouble] if store.trouble else []),
        ],
        more="runwise cache clear" if size or kept else "",
    )


def cache_cleared() -> Document:
    """Forget everything, and say so."""
    store, mirrors = _store(), Mirrors(mirrors_folder())
    _, runs, _, _ = store.count()
    size = store.size()
    kept = mirrors.kept()
    fetched = sum(one.size for one in kept)
    cleared = any([store.clear(), mirrors.clear()])
    said = f"forgot {words.count(runs, 'run')}, {words.size(size)}" if cleared else "was empty"
    said += f", and {_fetched(len(kept), fetched)}" if kept else ""
    items: dict[str, Cell] = {"path": str(store.path), "runs": runs, "bytes": size}
    items |= {"remote_runs": len(kept), "remote_bytes": fetched}
    return Document(
        kind="cache_cleared",
        title="cache",
        verdict=f"cache {said}",
        blocks=[
            Fields("cache", items, quiet=True),
            Notes("notes", [store.trouble] if store.trouble else []),
        ],
    )


def _fetched(runs: int, size: int) -> str:
    return f"{words.count(runs, 'run')} fetched from servers, {words.size(size)}"


def _store() -> Store:
    return Store(cache_folder(), cache_limit())
