"""Whether a text file is a training log: names first, then a look at both its ends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.console_log.sample import printer
from runwise_parsers.console_log.view import View, beginning
from runwise_parsers.gap import LFS_POINTER
from runwise_parsers.lines import last_lines
from runwise_parsers.naming import is_generic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers.source import Folder

PEEK = 1 << 14
MANY, SOME = 24, 6
"""Files in one directory of which only some are looked at, and how many these are."""
_SAYS_LOG = re.compile(
    r"(?i)(?:.*[^a-z])?(?:\w*log(?:s|ging|file)?|train\w*|stdout|stderr|output|console|nohup|slurm"
    r"|results?|history|progress|metrics|loss(?:es)?|stats|run\d*|err(?:or)?s?)(?:[^a-z].*)?"
)
_NO_LOG = re.compile(
    r"(?i)(?:readme|licen[cs]e|copying|require\w*|changelog|changes|notice|authors|contribut\w*"
    r"|todo|notes|sources?|top_level|entry_points|cmakelists|robots|classes|labels?|vocab\w*"
    r"|merges|constraints|environment|pip[-_]?freeze|freeze|packages|conda[-_]?\w*|dataset\w*"
    r"|file_?list|citation|manifest|dependency\w*|installed\w*)(?:[^a-z].*)?"
)
_LOGS = (".log", ".out", ".err")
_PLAIN = re.compile(
    r"(?i)(?:\w+[-_])?(?:log|logs|stdout|stderr|output|console|nohup)(?:[-_.]?\d+)?|.*\.log\.\d+"
    r"|.*\.[oe]\d{3,}(?:[-.]\d+)?"
)
_OF_OTHERS = re.compile(
    r"(?i)(?:log|logs|train|training|output|stdout|stderr|console|nohup|debug|debug-internal|run"
    r"|main|err|std|slurm)(?:[-_.]?(?:log|out|err|txt|\d+))*"
)
_WORDS = re.compile(
    rb"(?i)loss|acc|epoch|step|iter|reward|return|error|score|f1|psnr|iou|s:\d+ t|\||\]\t|learn: "
)

_GIT_LOG = re.compile(rb"commit [0-9a-f]{40}[^\n]*\n(?:Merge|Author): ")


def logs_in(folder: Folder) -> list[str]:
    """Return the names of the text logs in a directory that nobody has claimed."""
    if folder.asked:
        return [name for name in folder.files if _was_meant(folder.path / name)]
    named = [name for name in sorted(folder.files) if is_named(name) and _is_file(folder, name)]
    if not named or "vis_data" in folder.folders:
        return []
    taken = _taken(folder)
    named = [name for name in named if not _belongs(name, taken)]
    if len(named) > MANY:  # data sets and labels come as hundreds of files, and a few tell
        some = named[:: max(1, len(named) // SOME)]
        named = named if any(is_log(folder.path / name) for name in some) else []
    return [name for name in named if is_log(folder.path / name)]


def is_named(name: str) -> bool:
    """Say whether a file may be a text log by its name.

    >>> [is_named(name) for name in ("train.log", "log.txt", "slurm-1.out", "README.txt", "a.txt")]
    [True, True, True, False, False]
    """
    stem, _, suffix = name.rpartition(".")
    if _NO_LOG.fullmatch(name) or name.startswith("."):
        return False
    if f".{suffix.lower()}" in _LOGS:
        return True
    if suffix.lower() == "txt":
        return _SAYS_LOG.fullmatch(stem) is not None
    return _PLAIN.fullmatch(name) is not None


def _taken(folder: Folder) -> set[str]:
    """Return the files of a directory that more specific sources have claimed."""
    try:
        names = {one.name for one in folder.path.iterdir()}
    except OSError:
        return set()
    return names - folder.files.keys() - folder.folders.keys()


def _belongs(name: str, taken: Iterable[str]) -> bool:
    """Say whether a text is but what another log's run printed."""
    stem = Path(name).stem
    stems = {one.partition(".")[0] for one in taken}
    says_nothing = is_generic(name) or _OF_OTHERS.fullmatch(stem) is not None
    return bool(stems) and (says_nothing or stem in stems)


def _is_file(folder: Folder, name: str) -> bool:
    """Say whether a name is that of a file, no pipe that would keep us waiting."""
    entry = folder.files[name]
    try:
        return entry is None or entry.is_file()
    except OSError:
        return False


def _was_meant(path: Path) -> bool:
    """Say whether a file that a person named is a log; a young one may say nothing yet."""
    if is_log(path):
        return True
    called = path.name.lower().endswith(_LOGS) or _OF_OTHERS.fullmatch(path.stem) is not None
    try:
        return called and is_named(path.name) and path.stat().st_size < PEEK and _is_text(path)
    except OSError:
        return called


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0\0" not in file.read(1 << 10)


def is_log(path: Path) -> bool:
    """Say whether the beginning of a file, or else its end, is training output."""
    view = View(path)
    try:
        head = beginning(view, PEEK)
        if head.startswith(LFS_POINTER) or b"\0\0" in head[:1024]:
            return False
        if _says(head):
            return True
        size = view.stat().st_size
        return size > PEEK and _says(last_lines(view, min(PEEK, size - PEEK)))  # pyright: ignore[reportArgumentType]  it opens as a path does
    except OSError:
        return False


def _says(data: bytes) -> bool:
    if not _WORDS.search(data) or _GIT_LOG.match(data):
        return False
    whole = data[: data.rfind(b"\n") + 1] or data
    return printer(whole) is not None
