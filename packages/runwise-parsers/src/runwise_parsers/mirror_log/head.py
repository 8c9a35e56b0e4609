"""The head of a mirror: what a server says of a run, as JSON and back.

    {"version": 1, "remote": "wandb-cloud", "ref": "team/bert/3k9x", "url": "https://...",
     "info": {"id": "3k9x", "name": "...", "state": "finished", "gaps": [[...]], ...},
     "config": {...}, "summary": {...}, "media": {"samples": "image-file"},
     "fetched": {...},                          what the remote needs to go on
     "kept": {"history.jsonl": 8192}}           bytes that belong to it; more is a fetch that died

It is written anew as a whole, beside itself, and renamed. What is missing or of another kind than
it should be is as if it were not there.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, cast

from runwise_parsers.gap import Gap, media_gap
from runwise_parsers.info import RunInfo
from runwise_parsers.mirror_log.layout import HEAD, VERSION
from runwise_parsers.values import as_number, loads
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS = frozenset(
    {"id", "name", "state", "project", "group", "job_type", "notes", "sweep", "commit"}
    | {"command", "host", "forked_from"}
)
_NUMBERS = frozenset({"created", "updated", "last_step", "total_steps"})
_TRUTHS = frozenset({"clocked", "deleted"})
_LISTS = frozenset({"tags", "parts"})
_ELSEWHERE = frozenset({"source", "segments"})
_GAP = 3


def _tree() -> dict[str, object]:
    return {}


@dataclass(slots=True)
class Head:
    """What a head says; ``info`` holds the plain fields of a ``RunInfo``."""

    remote: str = ""
    ref: str = ""
    url: str = ""
    info: dict[str, object] = field(default_factory=_tree)
    config: dict[str, object] = field(default_factory=_tree)
    summary: dict[str, object] = field(default_factory=_tree)
    media: dict[str, object] = field(default_factory=_tree)
    fetched: dict[str, object] = field(default_factory=_tree)
    kept: dict[str, object] = field(default_factory=_tree)

    def described(self, folder: Path) -> RunInfo:
        """Return the run as its mirror describes it: its source is the remote it came from."""
        told: dict[str, Any] = {}
        for name, value in self.info.items():
            checked = _checked(name, value)
            if checked is not None:
                told[name] = checked
        info = RunInfo(self.remote or "mirror", "", segments=(folder,), gaps=self._gaps())
        return replace(info, **told)

    def _gaps(self) -> tuple[Gap, ...]:
        """Return what the fetches so far found missing, and the media they left there."""
        listed = self.info.get("gaps")
        found: list[Gap] = []
        for one in cast("list[object]", listed) if isinstance(listed, list) else []:
            words = cast("list[object]", one) if isinstance(one, list) else []
            if len(words) == _GAP:
                found.append(Gap(*map(str, words)))
        if self.media:
            media = media_gap({name: str(kind) for name, kind in self.media.items()})
            found.append(replace(media, remedy=f"See {self.url}." if self.url else "None."))
        return tuple(found)


def plain(info: RunInfo) -> dict[str, object]:
    """Return the fields of a run that its head keeps: neither where it lies nor who reads it."""
    kept: dict[str, object] = {
        one.name: getattr(info, one.name) for one in fields(info) if one.name not in _ELSEWHERE
    }
    kept["gaps"] = [[gap.missing, gap.because, gap.remedy] for gap in info.gaps]
    return kept


def read_head(folder: Path) -> Head:
    """Return the head of a mirror, an empty one for what cannot be read as one.

    Raises ``OSError`` where the file cannot be opened.
    """
    head = Head()
    try:
        tree = loads(read_whole(folder / HEAD))
    except ValueError:
        return head
    known = cast("dict[str, object]", tree) if isinstance(tree, dict) else {}
    if known.get("version") != VERSION:
        return head
    for one in fields(Head):
        value = known.get(one.name)
        if isinstance(value, type(getattr(head, one.name))):
            setattr(head, one.name, value)
    return head


def write_head(folder: Path, head: Head) -> None:
    """Write the head anew, all or nothing."""
    tree = {"version": VERSION, **{one.name: getattr(head, one.name) for one in fields(head)}}
    beside = folder / f".{HEAD}.{os.getpid()}"
    beside.write_text(json.dumps(tree, default=str), encoding="utf-8")
    beside.replace(folder / HEAD)


def _checked(name: str, value: object) -> object:
    """Return a field of a run, ``None`` where it is not what it should be."""
    if name in _TEXTS:
        return value if isinstance(value, str) else None
    if name in _NUMBERS:
        return None if isinstance(value, bool) else as_number(value)
    if name in _TRUTHS:
        return value if isinstance(value, bool) else None
    if name in _LISTS and isinstance(value, (list, tuple)):
        return tuple(map(str, cast("list[object]", value)))
    return value if name == "exit_code" and type(value) is int else None
