"""A file that is read as a whole, because it is written as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1 << 28
"""256 MiB: of something larger under a tracker's name, the beginning is read."""


def read_whole(path: Path, largest: int = LARGEST) -> bytes:
    """Return the bytes of a file, ``largest`` of them at most.

    Raises ``OSError`` where the system does not let us.
    """
    with path.open("rb") as file:
        return file.read(largest)
