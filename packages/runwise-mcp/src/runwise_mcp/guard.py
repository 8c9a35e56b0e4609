"""Below everything else: what a call opens is checked, whoever opens it.

Links and paths inside a run's files may lead anywhere, and dozens of places read such files.
Python tells an audit hook of every file that is about to be opened, so one place can say no: a
reader then meets a file it may not open, as it would one of another user's, and says so. Outside
of ``confined`` the hook does nothing.
"""

from __future__ import annotations

import errno
import os
import sys
import sysconfig
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from threading import Event

FILES = frozenset({"open", "os.listdir", "os.scandir", "sqlite3.connect"})
OUTWARD = frozenset({"socket.connect", "subprocess.Popen", "os.system", "os.exec"})
"""What leaves this process."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class StoppedError(BaseException):
    """Nobody waits for the answer any longer. No reader may take it for a damaged file."""


class Rules:
    """What one call may open: below ``roots`` to read, below ``kept`` to write too.

    ``outward`` says whether it may speak to servers. ``stop`` ends the call at the next file.
    """

    def __init__(
        self, roots: Sequence[Path], kept: Sequence[Path], *, outward: bool, stop: Event
    ) -> None:
        self.outward = outward
        self.stop = stop
        self._kept = [os.path.realpath(path) for path in kept]
        self._read = [*(os.path.realpath(path) for path in roots), *self._kept, *_code()]

    def judge(self, event: str, given: tuple[Any, ...]) -> None:
        """Raise ``PermissionError`` for what may not be opened, ``StoppedError`` at an end."""
        if self.stop.is_set():
            raise StoppedError
        if event in OUTWARD:
            if not self.outward:
                raise PermissionError(errno.EACCES, "nothing outside may be asked")
            return
        path = _path(given[0] if given else None)
        if path is None or path == os.devnull:
            return
        real = os.path.realpath(path)
        if _writes(event, given):
            self._judge_write(real)
        elif not any(_below(real, root) for root in self._read):
            raise PermissionError(errno.EACCES, "outside the directories that may be read", path)

    def _judge_write(self, real: str) -> None:
        if any(_below(real, root) for root in (*self._kept, *_code())):
            return
        folder = os.path.dirname(real)  # noqa: PTH120 - a hook knows paths as texts
        if _scratch(folder):  # a database that grows is copied there
            self._read.append(folder)
            return
        raise PermissionError(errno.EACCES, "nothing is written here", real)


_rules: ContextVar[Rules | None] = ContextVar("rules", default=None)


@contextmanager
def confined(rules: Rules) -> Generator[None]:
    """Hold everything this thread opens to rules."""
    _listen()
    token = _rules.set(rules)
    try:
        yield
    finally:
        _rules.reset(token)


@contextmanager
def lifted() -> Generator[None]:
    """Hold to no rules what this thread asks others to do: the SDK's own business."""
    token = _rules.set(None)
    try:
        yield
    finally:
        _rules.reset(token)


@cache
def _listen() -> None:
    """Add the hook, once in a process: it cannot be taken away."""
    sys.addaudithook(_heard)


def _heard(event: str, given: tuple[Any, ...]) -> None:
    if event in FILES or event in OUTWARD:
        rules = _rules.get()
        if rules is not None:
            rules.judge(event, given)


@cache
def _code() -> tuple[str, ...]:
    """Return where Python and its packages lie: a call may be the first to import them."""
    places = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    places += [path for path in sys.path if Path(path).name in PACKAGES]
    ours = [
        os.path.dirname(str(module.__file__))  # noqa: PTH120 - as above
        for name, module in list(sys.modules.items())
        if name.startswith("runwise") and "." not in name and getattr(module, "__file__", None)
    ]
    ours += [str(Path(place).with_name(name)) for place in ours for name in _LEAVES]
    ours += [_beside(name) for name in _LEAVES]
    return tuple(os.path.realpath(place) for place in (*places, *ours) if place)


PACKAGES = ("site-packages", "dist-packages")
"""Where packages are installed, as their directories are called."""
_LEAVES = ("runwise_parsers", "runwise_sampling", "runwise_detect", "runwise_format")


def _beside(name: str) -> str:
    """Return where a package lies, without importing it; empty where it is not found."""
    from importlib.util import find_spec  # noqa: PLC0415 - once, at the first call

    spec = find_spec(name)
    return os.path.dirname(spec.origin) if spec and spec.origin else ""  # noqa: PTH120 - as above


def _path(given: object) -> str | None:
    """Return the path an event is about, ``None`` for what is open already or in memory."""
    if isinstance(given, bytes):
        given = os.fsdecode(given)
    elif isinstance(given, os.PathLike):
        given = str(cast("object", given))
    if not isinstance(given, str) or given in ("", ":memory:"):
        return None
    if given.startswith("file:"):
        place = unquote(given.removeprefix("file:").partition("?")[0])
        place = place.removeprefix("//") if place.startswith("///") else place
        return place[1:] if place[2:3] == ":" else place  # /C:/... on Windows
    return given


def _writes(event: str, given: tuple[Any, ...]) -> bool:
    if event == "sqlite3.connect":  # readers say mode=ro; the index does not
        return "mode=ro" not in str(given[0])
    if event != "open":
        return False
    mode, flags = (*given, None, None, None)[1:3]
    if isinstance(mode, str):
        return any(sign in mode for sign in "wax+")
    return isinstance(flags, int) and bool(flags & WRITES)


def _scratch(folder: str) -> bool:
    """Say whether a directory is one of ours for files that pass."""
    import tempfile  # noqa: PLC0415 - rarely needed

    base = os.path.realpath(tempfile.gettempdir())
    head, name = os.path.split(folder)
    return head == base and name.startswith("runwise-")


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)
