"""Where the files of an offline session are: in its directory, or in the archive of it.

    offline-<id>/{task.json, metrics.jsonl, log.jsonl, data/}     while it goes on, and afterwards
    offline-<id>.zip                                              made when the task is closed

The directory is read where both are there: of a script that raised, the archive is made before
the last metrics are written, and may hold none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from runwise_parsers.archive_log.archive import first_names, read_archive
from runwise_parsers.archive_log.text import PackedText, PlainText, Text
from runwise_parsers.archive_log.unpack import unpacked_head
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.values import loads
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

TASK, METRICS, LOG = "task.json", "metrics.jsonl", "log.jsonl"
FILES = (TASK, METRICS, LOG)
SESSION = r"offline-[0-9a-f]{32}"
_SESSION = re.compile(SESSION)
_PEEK = 1 << 14
_LARGEST = 1 << 24


@dataclass(slots=True)
class Place:
    """What was found of a session; a text is ``None`` where there is none."""

    metrics: Text | None = None
    log: Text | None = None
    task: dict[str, object] = field(default_factory=dict[str, object])
    gaps: tuple[Gap, ...] = ()


def is_session(path: Path, files: Collection[str] | None = None) -> bool:
    """Say whether a directory is a session: by its name, or by what its task says."""
    names = [one for one in FILES if (one in files if files else is_file(path / one))]
    if _SESSION.fullmatch(path.name):
        return bool(names)
    if TASK not in names or len(names) == 1:
        return False
    try:
        with (path / TASK).open("rb") as file:
            head = file.read(_PEEK)
    except OSError:
        return False
    return b'"offline_folder"' in head or (b'"hyperparams"' in head and b'"script"' in head)


def is_archive(path: Path) -> bool:
    """Say whether a file is the archive of a session."""
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK)
    except OSError:
        return False
    named = _SESSION.fullmatch(path.stem) is not None
    if head.startswith(LFS_POINTER):
        return named
    names = set(first_names(head))
    return bool(names & set(FILES)) and (named or {TASK, METRICS} <= names)


def place_of(path: Path) -> Place:
    """Return what is there. Never raises: what is missing is a gap."""
    try:
        return _in_archive(path) if path.is_file() else _in_directory(path)
    except OSError as error:
        return Place(gaps=(unreadable(path.name, error),))


def is_closed(path: Path) -> bool:
    """Say whether a session was closed: its archive is there."""
    return is_file(path) or is_file(path.with_name(f"{path.name}.zip"))


def _in_directory(path: Path) -> Place:
    task, gaps = _task(lambda: read_whole(path / TASK, _LARGEST))
    metrics, log = path / METRICS, path / LOG
    return Place(
        PlainText(metrics) if metrics.exists() else None,
        PlainText(log) if log.exists() else None,
        task,
        gaps,
    )


def _in_archive(path: Path) -> Place:
    with path.open("rb") as file:
        if file.read(len(LFS_POINTER)) == LFS_POINTER:
            return Place(gaps=(lfs_pointer(path.name),))
    archive = read_archive(path, FILES)
    texts = {name: PackedText(path, one) for name, one in archive.members.items()}
    member = archive.members.get(TASK)
    task, gaps = _task(lambda: unpacked_head(path, member, _LARGEST) if member else b"")
    if not archive.whole:
        what = f"the end of {path.name}"
        gaps += (Gap(what, "the archive is cut short", "What is there was read."),)
    elif METRICS not in texts:
        because = "the archive holds none: a script that raised closes it before they are written"
        gaps += (Gap(METRICS, because, "They are in the directory it was made from."),)
    return Place(texts.get(METRICS), texts.get(LOG), task, gaps)


def _task(read: Callable[[], bytes]) -> tuple[dict[str, object], tuple[Gap, ...]]:
    try:
        data = read()
        value = None if data.startswith(LFS_POINTER) else loads(data)
    except OSError as error:
        return {}, (unreadable(TASK, error),)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return cast("dict[str, object]", value), ()
    return {}, (Gap(TASK, "it is missing, cut short or damaged", "The curves do not need it."),)


def is_file(path: Path) -> bool:
    """Say whether a file is there and may be seen."""
    try:
        return path.is_file()
    except OSError:
        return False
