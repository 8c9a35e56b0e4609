"""A look at the first kilobytes of an event file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.forms import Forms
from runwise_parsers.tensorboard_log.framing import FRAME, HEAD, Places, size_of, walk

if TYPE_CHECKING:
    from pathlib import Path

_PEEK = 1 << 14


def first_tags(path: Path) -> tuple[str, ...]:
    """Return the tags of the first scalars; none for what is no event file."""
    places = Places()
    data = _beginning(path)
    walk(data, 0, places)
    return tuple(Forms().read(data, places.by_size).points())


def looks_like_events(path: Path) -> bool:
    """Say whether a file begins with a record, whatever it is called."""
    data = _beginning(path)
    return size_of(data[:HEAD]) > 0 and len(data) >= FRAME and data[HEAD : HEAD + 1] == b"\t"


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            return file.read(_PEEK) or b""
    except OSError:
        return b""
