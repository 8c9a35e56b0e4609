"""A file as it is and as it should be: shown as a diff, then written whole or not at all."""

from __future__ import annotations

import difflib
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise.errors import BadSetting

if TYPE_CHECKING:
    from pathlib import Path

TIDIED = ("references", "runwise", "skills")
"""Folders that go with the last file in them."""
AROUND, LONGEST = 1, 200
"""Lines of others beside ours in a diff, and characters of a line."""
_PAIR = re.compile(r'("?(?P<name>[\w.-]{1,80})"?\s*[:=]\s*)"(?:[^"\\]|\\.)*"')
_OPEN = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Change:
    """What a file says before and after; None where there is no file."""

    path: Path
    before: str | None
    after: str | None

    @property
    def is_none(self) -> bool:
        """Whether nothing changes."""
        return self.before == self.after

    @property
    def word(self) -> str:
        """What happens to the file, in a word."""
        if self.before is None:
            return "write"
        return "remove" if self.after is None else "edit"

    def diff(self, shown: str) -> str:
        """Return the change as a unified diff, under the name the file is shown by.

        It is for readers, who may be agents: of other entries little is shown, of their secrets
        nothing.
        """
        old = "/dev/null" if self.before is None else f"a/{shown}"
        new = "/dev/null" if self.after is None else f"b/{shown}"
        before, after = _lines(self.before), _lines(self.after)
        return "".join(map(_harmless, difflib.unified_diff(before, after, old, new, n=AROUND)))

    def make(self) -> None:
        """Write the file, or remove it.

        Raises ``BadSetting`` where somebody else wrote it meanwhile, or it cannot be written.
        """
        if self.is_none:
            return
        if text_of(self.path) != self.before:
            raise BadSetting(f"{self.path} has just been changed by another", "Try again.")
        try:
            if self.after is None:
                self.path.unlink()
                _tidy(self.path.parent)
            else:
                _write(self.path, self.after)
        except OSError as error:
            problem = f"{self.path} cannot be written: {error.strerror}"
            raise BadSetting(problem, "Check who may write there.") from error


def text_of(path: Path) -> str | None:
    """Return what a file says, line ends and all; None where there is no file.

    Raises ``BadSetting`` for one that cannot be read as UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path} is not UTF-8", "Mend it; nothing was written.") from error
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}"
        raise BadSetting(problem, "Check that it is a file.") from error


def _write(path: Path, text: str) -> None:
    """Write a file beside its place and move it there; a link keeps pointing at it."""
    real = path.resolve()
    real.parent.mkdir(parents=True, exist_ok=True)
    beside = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o666
    try:
        with os.fdopen(os.open(beside, _OPEN, mode), "wb") as file:
            file.write(text.encode())
        if real.exists():
            beside.chmod(mode)
        beside.replace(real)
    finally:
        beside.unlink(missing_ok=True)


def _tidy(folder: Path) -> None:
    """Remove the folders a skill leaves empty."""
    while folder.name in TIDIED:
        with suppress(OSError):
            folder.rmdir()
        if folder.exists():
            return
        folder = folder.parent


def _lines(text: str | None) -> list[str]:
    return [] if text is None else text.splitlines(keepends=True)


def _harmless(line: str) -> str:
    r"""Return a line of a diff that may be printed; one without an end says so."""
    from runwise_format.safety import clean  # noqa: PLC0415 - rare, and --help must not wait

    text = line[0] + clean(_PAIR.sub(_hidden, line[1:].rstrip("\r\n")), LONGEST) + "\n"
    return text if line.endswith("\n") else f"{text}\\ No newline at end of file\n"


def _hidden(found: re.Match[str]) -> str:
    from runwise_format.redaction import HIDDEN, is_secret_name  # noqa: PLC0415 - as above

    return f'{found[1]}"{HIDDEN}"' if is_secret_name(found["name"]) else found[0]
