"""What the index remembers of runs, and how to make it forget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.index.store import Store, cache_folder, cache_limit
from runwise_format import Document, Fields, Notes

if TYPE_CHECKING:
    from runwise_format.cells import Cell


def cache() -> Document:
    """Return where the index is, how many runs it knows, and how large it is and may be."""
    store = _store()
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
    }
    known = f"{words.count(listed, 'file')} of runs described, {words.count(read, 'run')} read"
    return Document(
        kind="cache",
        title="cache",
        verdict=f"{known}: {words.size(size)} of at most {words.size(store.limit)}",
        blocks=[
            Fields("cache", items, importance=60),
            Notes("notes", [store.trouble] if store.trouble else []),
        ],
        more="runwise cache clear" if size else "",
    )


def cache_cleared() -> Document:
    """Forget everything, and say so."""
    store = _store()
    _, runs, _, _ = store.count()
    size = store.size()
    cleared = store.clear()
    said = f"forgot {words.count(runs, 'run')}, {words.size(size)}" if cleared else "was empty"
    return Document(
        kind="cache_cleared",
        title="cache",
        verdict=f"cache {said}",
        blocks=[
            Fields("cache", {"path": str(store.path), "runs": runs, "bytes": size}, quiet=True),
            Notes("notes", [store.trouble] if store.trouble else []),
        ],
    )


def _store() -> Store:
    return Store(cache_folder(), cache_limit())
