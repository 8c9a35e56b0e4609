"""Which files of a directory are logs: by their names and, where these do not tell, heads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.axis import plain
from runwise_parsers.csv_log.head import PEEK, head_of
from runwise_parsers.csv_log.judge import LOG_NAMES, is_log_name, is_training
from runwise_parsers.gap import LFS_POINTER

if TYPE_CHECKING:
    from collections.abc import Collection

    from runwise_parsers.source import Folder

SUFFIXES = (".csv", ".tsv")
_OTHERS = re.compile(r"results\.txt|progress\.txt|training\.log")
_TRACKERS = {
    "metrics.csv": ("hparams.yaml",),
    "results.csv": ("args.yaml", "opt.yaml"),
    "results.txt": ("opt.yaml", "hyp.yaml"),
    "progress.csv": ("progress.csv",),
}
"""Files of trackers, and what lies beside them where they are the directory's own."""
MANY, SOME = 24, 6
"""Files in one directory of which only some are looked at, and how many these are."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def logs_in(folder: Folder) -> list[str]:
    """Return the names of the tables in a directory that are logs."""
    if folder.asked:
        return [name for name in folder.files if _was_meant(folder.path, name)]
    tables = [name for name in sorted(folder.files) if is_table(name) and _is_file(folder, name)]
    telling = [name for name in tables if is_log_name(Path(name).stem)]
    others = [name for name in tables if name not in telling]
    if len(others) > MANY:  # data sets come as hundreds of files, and a few of them tell
        some = others[:: max(1, len(others) // SOME)]
        others = others if any(_is_log(folder.path, name) for name in some) else []
    sure = {name for name in telling if name == "metrics.csv" and "hparams.yaml" in folder.files}
    return [
        name for name in sorted(telling + others) if name in sure or _is_log(folder.path, name)
    ]


def _is_file(folder: Folder, name: str) -> bool:
    """Say whether a name is that of a file, no pipe that would keep us waiting."""
    entry = folder.files[name]
    try:
        return entry is None or entry.is_file()
    except OSError:
        return False


def is_table(name: str) -> bool:
    """Say whether a file may be a table by its name."""
    called = name.lower()
    return called.endswith(SUFFIXES) or _OTHERS.fullmatch(called) is not None


def whole_of(logs: Collection[str], beside: Collection[str]) -> str | None:
    """Return the log that a directory was made for, ``None`` if none is or several may be."""
    for name in logs:
        if any(each in beside for each in _TRACKERS.get(name.lower(), ())):
            return name
    only = next(iter(logs)) if len(logs) == 1 else None
    return only if only is not None and plain(Path(only).stem) in LOG_NAMES else None


def _was_meant(folder: Path, name: str) -> bool:
    """Say whether a file that a person named is a table."""
    return name.lower().endswith(SUFFIXES) or _is_log(folder, name)


def _is_log(folder: Path, name: str) -> bool:
    """Say whether the first rows of a file look like a training log."""
    stem = Path(name).stem
    try:
        with (folder / name).open("rb", buffering=0) as file:
            data = file.read(PEEK)
    except OSError:
        return is_table(name) and is_log_name(stem)  # say that it cannot be read
    if data.startswith((LFS_POINTER, *_UTF_16)):
        return is_table(name) and is_log_name(stem)
    if len(data) == PEEK:
        data = data[: data.rfind(b"\n") + 1] or data + b"\n"
    head = head_of(data)
    if head is None or not (is_table(name) or len(head.names) > 1):
        return False
    return is_training(head, stem)
