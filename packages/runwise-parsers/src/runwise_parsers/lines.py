r"""Whole lines of a text file that may still be growing, in bounded windows.

    file := line*      line := bytes "\n"

The last line may lack its end: the writer is at it, or was killed. It is handed out apart, so
that a reader can take it if it is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

WINDOW = 1 << 18
LONGEST_LINE = 1 << 28
TOO_LONG = b"?\n"
"""Stands for a line that is too long to be read: it is no JSON either."""
BOM = b"\xef\xbb\xbf"


def windows(path: Path, offset: int = 0) -> Iterator[tuple[bytes, int]]:
    """Yield ``(bytes of whole lines, offset behind them)`` from a line's start on.

    A last line without its end is yielded by itself. Lines are as long as they are, so a window
    may be larger than asked for; ``TOO_LONG`` stands for one of more than 256 MiB.
    """
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        while data := file.read(WINDOW):
            cut = data.rfind(b"\n") + 1
            if cut:
                offset += cut
                if cut < len(data):
                    file.seek(offset)  # to read a part of a line again is cheaper than to keep it
                    data = data[:cut]
            else:
                data, length = _long_line(file, data)
                offset += length
                file.seek(offset)
            yield data, offset
            if not data.endswith(b"\n"):
                return


def _long_line(file: FileIO, begin: bytes) -> tuple[bytes, int]:
    """Return one line, of which a window holds the beginning, and its length in the file."""
    parts, length = [begin], len(begin)
    while data := file.read(WINDOW):
        end = data.find(b"\n") + 1
        length += end or len(data)
        if length <= LONGEST_LINE:
            parts.append(data[:end] if end else data)
        else:
            parts.clear()
        if end:
            return (b"".join(parts) if length <= LONGEST_LINE else TOO_LONG), length
    return (b"".join(parts) if length <= LONGEST_LINE else TOO_LONG[:1]), length


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


def lines_at(path: Path, offset: int, size: int) -> tuple[bytes, int]:
    """Return the whole lines that begin behind ``offset`` and the offset behind them.

    About ``size`` bytes, more where a line is longer.
    """
    with path.open("rb", buffering=0) as file:
        while True:
            file.seek(offset)
            data = file.read(size)
            begin = data.find(b"\n") + 1 if offset else 0
            end = data.rfind(b"\n") + 1
            if end > begin or len(data) < size or size > LONGEST_LINE:
                return data[begin:end], offset + end
            size *= 4
