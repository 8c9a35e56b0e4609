"""Where the messages of an offline experiment are: in its archive, or in its directory.

    <key>.zip := {experiment.json, messages.json, assets under random names}, not compressed
    <temporary directory>/tmp........./messages.json     as long as the experiment goes on

The archive is made when the experiment begins, empty, and filled when it ends. Of one that was
killed, the temporary directory holds what was logged, and stays there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from runwise_parsers.archive_log.archive import Archive, first_names, is_empty, read_archive
from runwise_parsers.archive_log.text import PackedText, PlainText, Text
from runwise_parsers.archive_log.unpack import unpacked_head
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.values import loads

if TYPE_CHECKING:
    from pathlib import Path

EXPERIMENT, MESSAGES = "experiment.json", "messages.json"
NAME = r"[0-9A-Za-z]{32,50}(?:-[0-9A-Za-z]+)?\.zip"
_NAMED = re.compile(NAME)
_PEEK = 1 << 14
_LARGEST = 1 << 20
_EMPTY = Gap(
    "the history",
    "the archive is filled when the experiment ends, and is empty",
    "While it goes on, and for ever if it was killed, messages.json is in a directory of its own "
    "below the system's temporary one: name that file.",
)


@dataclass(slots=True)
class Place:
    """What was found of an experiment; ``text`` is ``None`` where there are no messages."""

    text: Text | None = None
    experiment: dict[str, object] = field(default_factory=dict[str, object])
    gaps: tuple[Gap, ...] = ()


def key_of(path: Path) -> str:
    """Return the experiment that an archive is of, by its name."""
    return path.stem.partition("-")[0] if _NAMED.fullmatch(path.name) else path.stem


def is_archive(path: Path, *, asked: bool = False) -> bool:
    """Say whether a file is an experiment's archive; an empty one is if it is called like one."""
    named = _NAMED.fullmatch(path.name) is not None
    if not (named or asked):
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK)
        if is_empty(head) or not head or head.startswith(LFS_POINTER):
            return named and bool(head)
        names = first_names(head)
        if {EXPERIMENT, MESSAGES} & set(names):
            return True
        return bool(names) and MESSAGES in read_archive(path, (MESSAGES,)).members
    except OSError:
        return False


def is_messages(path: Path) -> bool:
    """Say whether a file begins like the messages of an experiment."""
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK)
    except OSError:
        return False
    return head.startswith((b'{"payload":', b'{"payload": ')) or (
        head.startswith(b'{"type":') and b'"payload":' in head
    )


def place_of(path: Path) -> Place:
    """Return what is there. Never raises: what is missing is a gap."""
    if path.suffix.lower() != ".zip":
        return Place(PlainText(path))
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK)
        if is_empty(head):
            return Place(gaps=(_EMPTY,))
        if head.startswith(LFS_POINTER):
            return Place(gaps=(lfs_pointer(path.name),))
        return _in_archive(path, read_archive(path, (EXPERIMENT, MESSAGES)))
    except OSError as error:
        return Place(gaps=(unreadable(path.name, error),))


def _in_archive(path: Path, archive: Archive) -> Place:
    gaps: list[Gap] = []
    if not archive.whole:
        gaps.append(
            Gap(f"the end of {path.name}", "the archive is cut short", "What is there was read.")
        )
    experiment, told = archive.members.get(EXPERIMENT), {}
    if experiment is not None:
        try:
            value = loads(unpacked_head(path, experiment, _LARGEST))
        except ValueError:
            value = None
        told = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    if not told:
        gaps.append(Gap(EXPERIMENT, "it is missing or damaged", "Messages do not need it."))
    messages = archive.members.get(MESSAGES)
    if messages is None:
        gaps.append(Gap("the history", f"there is no {MESSAGES} in it", "Is the archive whole?"))
    return Place(PackedText(path, messages) if messages else None, told, tuple(gaps))
