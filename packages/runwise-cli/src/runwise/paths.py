"""Paths as people type them, asked about without a word of trouble."""

from __future__ import annotations

import os
import re
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LONGEST_PATH = 80
SHOWN = 60
QUOTE = '"'
_PLAIN = re.compile(r"[\w@%+=:,./\\~-]+")
"""Words that no shell of Windows takes apart."""


def exists(path: Path) -> bool:
    """Say whether something is there; a name too long, or with a NUL, is no path."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Say whether a directory is there, and we may look."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """Say whether a file is there, and we may look."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def same_place(one: Path, other: Path) -> bool:
    """Say whether two paths lead to one place; the current directory may be gone."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def typed(path: Path) -> str:
    """Return a path as it is typed from here: relative where that is shorter."""
    whole = str(path.absolute())
    with suppress(ValueError, OSError):  # another drive, or a directory that is gone
        near = os.path.relpath(whole)
        return near if sayable(near) and len(near) < len(whole) else whole
    return whole


def command_line(words: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """Return words as they are typed into a shell; those of Windows know double quotes only.

    >>> command_line(["runwise", "run", "C:/my runs"], windows=True)
    'runwise run "C:/my runs"'
    """
    if not windows:
        return shlex.join(words)
    quoted = (f'"{word.replace(QUOTE, QUOTE * 2)}"' for word in words)
    return " ".join(
        word if _PLAIN.fullmatch(word) else other
        for word, other in zip(words, quoted, strict=True)
    )


def sayable(ref: str) -> bool:
    """Say whether a reference survives being printed and typed."""
    return ref.isprintable() and not ref.startswith("-") and len(ref) <= LONGEST_PATH


def shown(path: Path) -> str:
    """Return a path as an error names it: from here, if that is shorter; cut in the middle."""
    names = [str(path)]
    with suppress(ValueError, OSError):  # another drive, or a directory that is gone
        names.append(os.path.relpath(path))
    name = min(names, key=len)
    if len(name) <= SHOWN:
        return name
    return f"{name[: SHOWN * 3 // 10]}…{name[-SHOWN * 3 // 10 :]}"
