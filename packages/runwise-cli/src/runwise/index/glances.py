"""What head and tail of runs said when they were last looked at: enough to list them."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runwise.index.store import short_key
from runwise.index.witness import stamp
from runwise_parsers import Gap, RunInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runwise.index.store import Store
    from runwise_parsers.joining import Found

_TUPLES = frozenset({"tags", "parts"})


class Glances:
    """Describes runs that were claimed: by what is remembered, or by looking at them.

    A run that was running is looked at again: whether it still does depends on the time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self, found: Sequence[Found]) -> Iterator[tuple[Found, list[RunInfo]]]:
        """Yield each with its runs, and remember what was looked at anew."""
        keys = [_key(one) for one in found]
        known = self._store.glances(keys)
        news: list[tuple[str, bytes, bytes]] = []
        for key, one in zip(keys, found, strict=True):
            mark = _mark(one)
            infos = _unpacked(*known[key], mark) if mark and key in known else None
            infos = None if infos is None else [_from_here(info, one) for info in infos]
            if infos is None:
                infos = list(one.infos())
                if mark and all(info.state != "running" for info in infos):
                    news.append((key, mark, _packed(infos)))
            yield one, infos
        if news:
            self._store.keep_glances(news)


def _key(found: Found) -> str:
    claims = [found.claim, *(one.claim for one in found.others)]
    paths = [str(path.absolute()) for claim in claims for path in claim.paths]
    return short_key("\n".join(["glance", found.source.name, *paths]))


def _mark(found: Found) -> bytes:
    paths = [*found.claim.paths, *(path for one in found.others for path in one.claim.paths)]
    stamped = stamp(paths)
    return blake2b(stamped, digest_size=16).digest() if stamped else b""


def _packed(infos: Sequence[RunInfo]) -> bytes:
    return json.dumps([_plain(info) for info in infos], separators=(",", ":")).encode()


def _plain(info: RunInfo) -> dict[str, object]:
    """Return what differs from a run of which nothing is known."""
    empty = RunInfo("", "")
    found: dict[str, object] = {}
    for one in fields(RunInfo):
        value = getattr(info, one.name)
        if value == getattr(empty, one.name):
            continue
        if one.name == "segments":
            value = [str(path.absolute()) for path in value]
        elif one.name == "gaps":
            value = [[gap.missing, gap.because, gap.remedy] for gap in value]
        found[one.name] = value
    return found


def _unpacked(before: bytes, glance: bytes, mark: bytes) -> list[RunInfo] | None:
    if before != mark:
        return None
    try:
        return [_info(one) for one in json.loads(glance)]
    except (ValueError, TypeError):
        return None


def _from_here(info: RunInfo, found: Found) -> RunInfo:
    """Return a run with its paths as the walk met them: from where we are, perhaps."""
    claims = [found.claim, *(one.claim for one in found.others)]
    bases = {path.absolute(): path for claim in claims for path in claim.paths}
    return replace(info, segments=tuple(_nearer(path, bases) for path in info.segments))


def _nearer(path: Path, bases: Mapping[Path, Path]) -> Path:
    for base in (path, *path.parents):
        if base in bases:
            return bases[base] / path.relative_to(base)
    return path


def _info(plain: dict[str, Any]) -> RunInfo:
    values: dict[str, Any] = dict(plain)
    for name, value in plain.items():
        if name == "segments":
            values[name] = tuple(map(Path, value))
        elif name == "gaps":
            values[name] = tuple(Gap(*gap) for gap in value)
        elif name in _TUPLES:
            values[name] = tuple(value)
    return replace(RunInfo("", ""), **values)
