"""One writer at a time: a lock the system takes back from a process that dies."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_PAUSE = 0.05


@contextmanager
def locked(path: Path, wait: float) -> Generator[None]:
    """Hold a lock file while inside.

    Raises ``TimeoutError`` where another process holds it for more than ``wait`` seconds.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + wait
        while not _taken(handle):
            if time.monotonic() > until:
                raise TimeoutError(f"another process holds {path.name}")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(handle)  # lets go of it, too


def _taken(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  of this system only

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  of the other systems only

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
