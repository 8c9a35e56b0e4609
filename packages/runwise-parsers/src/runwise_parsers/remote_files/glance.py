"""Runs described by what of them is here: whole files, and the ends of those that are large.

A tree is made for it of links to the former and of what stands for the latter, and gone when the
runs are described: they point to where their files will be when they are fetched.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from runwise_parsers.find import find_runs
from runwise_parsers.gap import Gap
from runwise_parsers.remote_files.ends import END, ends_of
from runwise_parsers.remote_files.store import NoRanges

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from runwise_parsers.info import RunInfo
    from runwise_parsers.remote_files.copies import Copies
    from runwise_parsers.remote_files.place import Place
    from runwise_parsers.remote_files.store import Entry, Store

_LATER = Gap("the rows between head and tail", "they are not fetched yet", "Open the run.")


def described(
    place: Place, copies: Copies, store: Store, whole: Sequence[Entry], large: Sequence[Entry]
) -> list[RunInfo]:
    """Return the runs at or below a place; of ``large`` files, only the ends are read.

    Raises ``RemoteError``.
    """
    if not large:
        return _found(place.local(copies.tree))
    ends = {one.place: _ends(one, copies, store) for one in large}
    with _tree(copies) as tree:
        for one in whole:
            path = one.place.local(tree)
            path.parent.mkdir(parents=True, exist_ok=True)
            _link(copies.path(one), path)
        for one in large:
            _stand_in(one, one.place.local(tree), b"".join(ends[one.place]))
        seen = {one.place.local(tree): one for one in large}
        found = [_sure(info, seen, ends) for info in _found(place.local(tree))]
        return [_moved(info, tree, copies.tree) for info in found]


def _found(path: Path) -> list[RunInfo]:
    return list(find_runs(path)) if path.exists() else []


def _stand_in(entry: Entry, path: Path, data: bytes) -> None:
    """Write what stands for a large file, with its time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    clock = entry.modified or 0.0
    os.utime(path, (clock, clock))


def _sure(
    info: RunInfo, seen: dict[Path, Entry], ends: dict[Place, tuple[bytes, bytes]]
) -> RunInfo:
    """Return what is certain of a run whose files may be ends of files."""
    cut = [seen[path] for path in _files(info.segments, seen)]
    if not cut:
        return info
    if ends[cut[-1].place][1]:
        return replace(info, gaps=(_LATER,))
    return replace(
        info, state="unknown", last_step=None, exit_code=None, updated=cut[-1].modified,
        clocked=False, gaps=(_LATER,),
    )  # fmt: skip


def _files(segments: Iterable[Path], seen: dict[Path, Entry]) -> list[Path]:
    """Return the ends of files that belong to these segments."""
    return [path for part in segments for path in seen if path == part or part in path.parents]


def _moved(info: RunInfo, tree: Path, to: Path) -> RunInfo:
    """Return a run as it will lie in another tree."""
    return replace(info, segments=tuple(to / one.relative_to(tree) for one in info.segments))


def _ends(entry: Entry, copies: Copies, store: Store) -> tuple[bytes, bytes]:
    """Return head and tail of a file, as they were fetched before if it has not changed."""
    path = entry.place.local(copies.root / "ends")
    head, tail = path.with_name(f"{path.name}.head"), path.with_name(f"{path.name}.tail")
    known = copies.marks.get("ends", entry)
    if entry.tag and known == (entry.tag, entry.size) and head.exists() and tail.exists():
        return head.read_bytes(), tail.read_bytes()

    def span(begin: int, end: int) -> bytes:
        return store.span(entry.place, begin, end, entry.size)

    try:
        ends = ends_of(entry.place.parts[-1], entry.size, span)
    except NoRanges:
        ends = span(0, END), b""  # the beginning can be had by reading no further
    path.parent.mkdir(parents=True, exist_ok=True)
    for part, data in zip((head, tail), ends, strict=True):
        part.write_bytes(data)
    copies.marks.put("ends", entry, entry.size)
    copies.marks.save()
    return ends


def _link(path: Path, to: Path) -> None:
    try:
        to.hardlink_to(path)
    except OSError:  # a file system without links
        shutil.copy2(path, to)


@contextmanager
def _tree(copies: Copies) -> Generator[Path]:
    """Make a tree beside that of the whole files, for as long as it is asked."""
    copies.root.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="glance-", dir=copies.root)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
