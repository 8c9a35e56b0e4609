"""Whole lines of a text file that may still be growing, in bounded windows.

    file := line*      line := bytes "\\n"

The last line may lack its end: the writer is at it, or was killed. It is handed out apart, so
that a reader can take it if it is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WINDOW = 1 << 18
LONGEST_LINE = 1 << 28
BOM = b"\xef\xbb\xbf"


def windows(path: Path, offset: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int]]:
    """Yield ``(bytes of whole lines, offset behind them)`` from a line's start on.

    A last line without its end is yielded by itself. Lines are as long as they are, so a window
    may be larger than asked for; one of more than 256 MiB is given up.
    """
    rest = b""
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        while True:
            size = WINDOW if end is None else min(WINDOW, end - offset - len(rest))
            data = file.read(size) if size > 0 else b""
            if not data or len(rest) > LONGEST_LINE:
                break
            cut = data.rfind(b"\n") + 1
            if not cut:
                rest += data
                continue
            whole = rest + data[:cut]
            offset += len(whole)
            rest = data[cut:]
            yield whole, offset
    if rest:
        yield rest, offset + len(rest)


def first_lines(path: Path, size: int = WINDOW) -> bytes:
    """Return whole lines from the beginning, at least one if there is any."""
    for data, _ in windows(path):
        return data[: data.rfind(b"\n", 0, size) + 1 or len(data)]
    return b""


def last_lines(path: Path, size: int = WINDOW) -> bytes:
    """Return whole lines from the end, about ``size`` bytes of them."""
    total = path.stat().st_size
    begin = max(0, total - size)
    with path.open("rb", buffering=0) as file:
        file.seek(begin)
        data = file.read(total - begin)
    return data[data.find(b"\n") + 1 :] if begin and b"\n" in data else data


def lines_at(path: Path, offset: int, size: int) -> bytes:
    """Return the whole lines that begin behind ``offset``, about ``size`` bytes of them."""
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        data = file.read(size)
    begin = data.find(b"\n") + 1 if offset else 0
    return data[begin : data.rfind(b"\n") + 1]
