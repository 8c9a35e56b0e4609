"""Runs of a store: described by little of them, and brought here whole."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.find import claimed
from runwise_parsers.mirror_log.lock import locked
from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_files.copies import PIECE, Copies
from runwise_parsers.remote_files.glance import described
from runwise_parsers.remote_files.listing import files_at
from runwise_parsers.remote_files.place import BASE_LOG, is_base
from runwise_parsers.remote_files.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runwise_parsers.info import RunInfo
    from runwise_parsers.remote_files.place import Place
    from runwise_parsers.remote_files.store import Entry

    Tell = Callable[[int, int], None]

_LARGEST_BASE = 1 << 28
_WAIT = 20.0


def runs_at(place: Place, keep: Path, timeout: float) -> list[RunInfo]:
    """Return the runs at or below a place, described by whole small files and ends of others.

    Raises ``RemoteError``, and ``LookupError`` where no run is there.
    """
    store = Store(place, timeout)
    at, entries = files_at(store, place)
    copies = _copies(place, keep, store)
    with locked(copies.root / "lock", _WAIT):
        whole = [one for one in entries if _at_once(one) or copies.is_whole(one)]
        large = [one for one in entries if one not in whole and not is_base(one.place.parts[-1])]
        copies.bring(whole)
        if at.listed:
            copies.forget_others(at.parts, entries)
        # What grew since it was fetched, and is large, is seen by its ends until it is asked for.
        found = described(at, copies, store, whole, large)
    if not found:
        raise LookupError(f"no run that a known source reads is at {place}")
    return [_undated(info) for info in found]


def bring(place: Place, info: RunInfo, keep: Path, timeout: float, tell: Tell | None) -> RunInfo:
    """Bring all files of a run here, and return it as it is now. Raises ``RemoteError``."""
    store = Store(place, timeout)
    copies = _copies(place, keep, store)
    with locked(copies.root / "lock", _WAIT):
        for segment in info.segments:
            parts = segment.relative_to(copies.tree).parts
            copies.bring(_files_of(store, place.at(parts)), tell)
    return _undated(_told_anew(info))


def _files_of(store: Store, place: Place) -> list[Entry]:
    """Return the files of a run's segment: those below a directory, or one."""
    top = store.stat(place)
    if top.folder or top.page:
        return files_at(store, place)[1]
    if not is_base(place.parts[-1]):
        return [top]
    log = place.at((*place.parts[:-1], place.parts[-1] + BASE_LOG))
    return [top, *(one for one in store.stats([log]) if one is not None)]


def _told_anew(info: RunInfo) -> RunInfo:
    """Return a run described by whole files, under the id it had."""
    above = Path(os.path.commonpath([segment.parent for segment in info.segments]))
    mine = set(info.segments)
    found = [one for one in _claims(above, info.segments) if mine & set(one.segments)]
    same = [one for one in found if one.source == info.source and one.id in ("", info.id)]
    for one in same or found:
        return one if one.id else replace(one, id=info.id)
    raise RemoteError(f"{info.id} is no run any more", "Ask for the list again.")


def _claims(above: Path, segments: Sequence[Path]) -> list[RunInfo]:
    """Return what is claimed of these paths: below their directory, or each by itself."""
    found = claimed(above)
    if not any(set(one.claim.paths) & set(segments) for one in found):
        found = [one for path in segments for one in claimed(path)]
    mine = (one for one in found if set(one.claim.paths) & set(segments))
    return [info for one in mine for info in one.infos()]


def _undated(info: RunInfo) -> RunInfo:
    """Return a run without the time of a file that the store does not tell."""
    return info if info.updated else replace(info, updated=None)


def _copies(place: Place, keep: Path, store: Store) -> Copies:
    root = place.root(keep)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Copies(root.resolve(), store)


def _at_once(entry: Entry) -> bool:
    """Say whether a file is fetched whole to describe what is in it."""
    return entry.size <= (_LARGEST_BASE if is_base(entry.place.parts[-1]) else PIECE)
