"""What a run printed, out of the console records of its log.

    output, output_raw := 1 type(0 stderr, 1 stdout)  2 timestamp  3 line
    output_logger      := 1 line

Text and line end arrive as separate records, of two streams in turn, so each stream is put
together by itself; lines then stand in the order in which they ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.leveldb.wire import fields, text
from runwise_parsers.wandb_log.kinds import OUTPUT_LOGGER

if TYPE_CHECKING:
    from collections.abc import Iterable


def lines_of(records: Iterable[tuple[int, bytes]]) -> list[str]:
    """Return printed lines; what a carriage return wrote over is gone, as on a terminal."""
    open_lines: dict[int, str] = {}
    lines: list[str] = []
    for kind, body in records:
        try:
            stream, piece = _read(kind, body)
        except ValueError:
            continue
        *whole, rest = (open_lines.get(stream, "") + piece).replace("\r\n", "\n").split("\n")
        lines += [line.rsplit("\r", 1)[-1] for line in whole]
        open_lines[stream] = rest.rsplit("\r", 1)[-1]
    return lines + [rest for rest in open_lines.values() if rest]


def _read(kind: int, body: bytes) -> tuple[int, str]:
    if kind == OUTPUT_LOGGER:
        return 1, "".join(text(value) for number, value in fields(body) if number == 1) + "\n"
    stream, piece = 0, ""
    for number, value in fields(body):
        if number == 1 and isinstance(value, int):
            stream = value
        elif number == 3:
            piece = text(value)
    return stream, piece
