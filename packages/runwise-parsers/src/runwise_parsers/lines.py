r"""Whole lines of a text file that may still be growing, in bounded windows.

    file := line*      line := bytes "\n"

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
TOO_LONG = b"?\n"
"""Stands for a line that is too long to be read: it is no JSON either."""
BOM = b"\xef\xbb\xbf"


def windows(path: Path, offset: int = 0) -> Iterator[tuple[bytes, int]]:
    """Yield ``(bytes of whole lines, offset behind them)`` from a line's start on.

    A last line without its end is yielded by itself. Lines are as long as they are, so a window
    may be larger than asked for; ``TOO_LONG`` stands for one of more than 256 MiB.
    """
    parts: list[bytes] = []
    held = 0
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        while data := file.read(WINDOW):
            cut = data.rfind(b"\n") + 1
            if cut:
                whole = b"".join([*parts, data[:cut]])
                if held > LONGEST_LINE:
                    whole = TOO_LONG + data[data.find(b"\n") + 1 : cut]
                offset += held + cut
                yield whole, offset
                parts, held = [], 0
            held += len(data) - cut
            if held <= LONGEST_LINE:
                parts.append(data[cut:])
            else:
                parts.clear()
    if held:
        yield b"".join(parts) if held <= LONGEST_LINE else TOO_LONG[:1], offset + held


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
