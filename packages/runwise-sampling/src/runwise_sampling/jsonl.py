"""Curves from a JSON Lines log: a few rows at once, or all of it in constant memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from runwise_sampling.json_rows import Columns, Rows
from runwise_sampling.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Iterable

SMALL = 1 << 20  # bytes: a file up to this size is read whole even for a sample
FLUSH = 8192  # rows between two additions to the sketches
TAIL = 1 << 16  # bytes that are searched for the last row, doubled until it is found
LONGEST = 1 << 26  # bytes: no row is longer


@dataclass(frozen=True, slots=True)
class JsonlSample:
    """Some rows of a log: ``columns`` holds steps and values by metric, in file order.

    ``rows`` were read, ``unreadable`` lines were met and skipped, ``stepless`` of the rows have
    no step and are in no column. ``whole`` says whether these are all rows there are.
    """

    columns: dict[str, Columns]
    rows: int
    unreadable: int
    stepless: int
    whole: bool


@dataclass(frozen=True, slots=True)
class JsonlSketches:
    """All rows of a log: ``sketches`` by metric, and counts as in ``JsonlSample``."""

    sketches: dict[str, Sketch]
    rows: int
    unreadable: int
    stepless: int


def sample_jsonl(
    path: str | os.PathLike[str],
    keys: Iterable[str] | None = None,
    rows: int = 2000,
    *,
    step: str | None = None,
) -> JsonlSample:
    """Return about ``rows`` rows from evenly spread places, never more.

    The cost depends on ``rows`` and not on the size of the file: each place is sought and the
    next whole line read. The first and the last readable row are among them. Values between
    the rows are not seen: for extremes use ``read_jsonl``.

    Args:
        path: the file; its last line may still be in the making.
        keys: the metrics wanted; None for all numbers.
        rows: at least 2.
        step: the name of the step; None for the first of ``json_rows.STEPS`` in a row.

    Raises:
        ValueError: ``rows`` is below 2.
        OSError: the file cannot be read.
    """
    if rows < 2:
        raise ValueError(f"rows must be at least 2, not {rows}")
    found = Rows(_wanted(keys), step)
    with Path(path).open("rb", buffering=4096) as file:
        size = file.seek(0, os.SEEK_END)
        whole = _read_few(file, size, rows, found) if size <= SMALL else False
        if size > SMALL:
            _read_places(file, size, rows, found)
    tally = found.tally
    return JsonlSample(found.columns, tally.rows, tally.unreadable, tally.stepless, whole)


def read_jsonl(
    path: str | os.PathLike[str],
    keys: Iterable[str] | None = None,
    *,
    step: str | None = None,
    buckets: int = 512,
) -> JsonlSketches:
    """Return a sketch of each metric over all rows, in one pass and constant memory.

    Args:
        path: the file; its last line may still be in the making.
        keys: the metrics wanted; None for all numbers.
        step: the name of the step; None for the first of ``json_rows.STEPS`` in a row.
        buckets: of each sketch, at least 8.

    Raises:
        ValueError: ``buckets`` is below 8.
        OSError: the file cannot be read.
    """
    found, sketches = Rows(_wanted(keys), step), dict[str, Sketch]()
    Sketch(buckets)  # refuse before the file is read
    with Path(path).open("rb", buffering=1 << 18) as file:
        for count, line in enumerate(file, start=1):
            found.add(line)
            if not count % FLUSH:
                _flush(found, sketches, buckets)
    _flush(found, sketches, buckets)
    tally = found.tally
    return JsonlSketches(sketches, tally.rows, tally.unreadable, tally.stepless)


def _wanted(keys: Iterable[str] | None) -> frozenset[str] | None:
    if isinstance(keys, str):
        raise ValueError(f"keys must be a list of names, not the text {keys!r}")  # noqa: TRY004 - a bad value for the caller
    return None if keys is None else frozenset(keys)


def _flush(found: Rows, sketches: dict[str, Sketch], buckets: int) -> None:
    for key, (steps, values) in found.columns.items():
        if key not in sketches:
            sketches[key] = Sketch(buckets)
        sketches[key].extend(steps, values)
    found.columns.clear()


def _read_few(file: BinaryIO, size: int, rows: int, found: Rows) -> bool:
    """Read evenly spread lines out of all of them; return whether that was all."""
    file.seek(0)
    lines = [line for line in file.read(size).splitlines() if line.strip()]
    last = len(lines) - 1
    if len(lines) <= rows:
        places = set(range(len(lines)))
    else:
        while last > 0 and not _readable(lines[last]):
            last -= 1
        found.tally.unreadable += len(lines) - 1 - last
        places = {turn * last // (rows - 1) for turn in range(rows)}
    for place in sorted(places):
        found.add(lines[place])
    return len(lines) <= rows


def _read_places(file: BinaryIO, size: int, rows: int, found: Rows) -> None:
    end, found.tally.unreadable = _last_row(file, size)
    read = -1  # where the line begins that was read last
    for turn in range(rows - 1):
        at = turn * end // (rows - 1)
        file.seek(max(at - 1, 0))
        if at:
            file.readline(LONGEST)  # what is left of the line before
        begin = file.tell()
        if read < begin < end:
            found.add(file.readline(LONGEST))
            read = begin
    file.seek(end)
    found.add(file.readline(LONGEST))


def _last_row(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return where the last readable line begins, 0 if none is found, and how many follow."""
    reach = TAIL
    while True:
        start = max(size - reach, 0)
        file.seek(start)
        tail, skipped = file.read(size - start), 0
        end = len(tail.rstrip())
        while (newline := tail.rfind(b"\n", 0, end)) >= 0:
            if _readable(tail[newline + 1 : end]):
                return start + newline + 1, skipped
            skipped += bool(tail[newline + 1 : end].strip())
            end = newline
        if not start or reach >= LONGEST:
            return 0, skipped
        reach *= 2


def _readable(line: bytes) -> bool:
    return Rows(None, None).add(line)
