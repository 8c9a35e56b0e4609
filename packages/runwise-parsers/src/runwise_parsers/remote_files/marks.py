r"""What was fetched of which version of a file: one small JSON for each directory.

    marks/exps/run1/.marks.json    {"tree": {"metrics.jsonl": ["\"5d41\"", 8192]}, "ends": {...}}

A mark is written after what it tells of is whole, so a fetch that dies costs at most its own part.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import orjson

from runwise_parsers.values import loads
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.remote_files.store import Entry

    Known = dict[str, dict[str, list[object]]]

_PAIR = 2
_NAME = ".marks.json"
"""Hidden, because no hidden directory of a store is entered: it stands in nobody's way."""


class Marks:
    """The marks of the files in a tree; ``save`` writes those that changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, ...], Known] = {}
        self._changed: set[tuple[str, ...]] = set()

    def get(self, kind: str, entry: Entry) -> tuple[str, int] | None:
        """Return the tag and the size of a file when it was fetched, ``None`` if it was not."""
        mark = self._of(entry).get(kind, {}).get(entry.place.parts[-1])
        if not isinstance(mark, list) or len(mark) != _PAIR:
            return None
        tag, size = mark
        return (tag, size) if isinstance(tag, str) and isinstance(size, int) else None

    def put(self, kind: str, entry: Entry, size: int, tag: str | None = None) -> None:
        """Note that a file was fetched, up to ``size``, as it is now or was with another tag."""
        marks = self._of(entry).setdefault(kind, {})
        marks[entry.place.parts[-1]] = [entry.tag if tag is None else tag, size]
        self._changed.add(entry.place.parts[:-1])

    def drop(self, kind: str, entry: Entry) -> None:
        """Forget a file."""
        if self._of(entry).get(kind, {}).pop(entry.place.parts[-1], None) is not None:
            self._changed.add(entry.place.parts[:-1])

    def save(self) -> None:
        """Write what changed, each directory's marks at once or not at all."""
        for above in self._changed:
            path = self._path(above)
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f"{path.name}.{os.getpid()}")
            beside.write_bytes(orjson.dumps(self._known[above]))
            beside.replace(path)
        self._changed.clear()

    def _of(self, entry: Entry) -> Known:
        above = entry.place.parts[:-1]
        if above not in self._known:
            try:
                tree = loads(read_whole(self._path(above)))
            except (OSError, ValueError):
                tree = None
            self._known[above] = cast("Known", tree) if isinstance(tree, dict) else {}
        return self._known[above]

    def _path(self, above: tuple[str, ...]) -> Path:
        return self._folder.joinpath(*above, _NAME)
