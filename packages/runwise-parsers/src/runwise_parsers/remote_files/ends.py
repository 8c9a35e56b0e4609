"""Head and tail of a large file, put together so that a source describes the run by them.

    lines           whole lines of both: all that is told is true, only lines cannot be counted
    .wandb          blocks of 32 KiB from both ends, and one of zeros between them: no record
                    goes on over damage, so nothing of the head is joined to a part in the tail
    event files     whole records of the head, the tail as it is: readers find the next record
    anything else   the head alone: what the run is called, and not how far it is

What is put together is never opened as a run: it has a hole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.values import loads

if TYPE_CHECKING:
    from collections.abc import Callable

    Span = Callable[[int, int], bytes]

END = 1 << 18
"""Bytes of each end."""
_BLOCK = 1 << 15
_LINES = (".jsonl", ".ndjson", ".jsonlines", ".csv", ".tsv")
_EVENTS = "tfevents"


def ends_of(name: str, size: int, span: Span) -> tuple[bytes, bytes]:
    """Return what stands for the head of a file, and for its tail; no tail where none fits."""
    head = span(0, END)
    if name.endswith(".wandb"):
        begin = (size - END) // _BLOCK * _BLOCK
        return head[:-_BLOCK] + bytes(_BLOCK), span(begin, size)
    if _EVENTS in name:
        return _whole_records(head), span(size - END, size)
    if name.lower().endswith(_LINES) or (name.endswith(".json") and _has_lines(head)):
        tail = span(size - END, size)
        return head[: head.rfind(b"\n") + 1], tail[tail.find(b"\n") + 1 :]
    return head, b""


def _whole_records(head: bytes) -> bytes:
    """Return the records of an event file that are whole: 8 bytes of length, 4, data, 4."""
    end = 0
    while end + 8 <= len(head):
        behind = end + 16 + int.from_bytes(head[end : end + 8], "little")
        if behind > len(head):
            break
        end = behind
    return head[:end]


def _has_lines(head: bytes) -> bool:
    """Say whether the first line is an object of its own, and not the beginning of one."""
    line, end, _ = head.partition(b"\n")
    try:
        return bool(end) and isinstance(loads(line), dict)
    except ValueError:
        return False
