"""Whether a file of JSON Lines is a training log: data sets and events are written so too.

A file is a log if its first rows hold numbers and a step, or if it is called like a log and holds
no more texts than numbers. Its first 16 KB are read, up to 1 MB where not even the first line ends
there (thousands of metrics), more only where its name speaks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.axes import axes_of
from runwise_parsers.gap import LFS_POINTER
from runwise_parsers.json_log.peek import PEEK, begin
from runwise_parsers.json_log.rows import numbers_of, parse
from runwise_parsers.lines import first_lines
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runwise_parsers.axes import Axes
    from runwise_parsers.json_log.rows import Row

LOG_NAMES = frozenset({"metrics", "history", "log", "logs", "progress", "scalars", "stats"})


def is_log(path: Path, *, asked: bool) -> bool:
    """Say whether the first rows of a file look like a training log.

    ``asked`` is set where a person named this very file.
    """
    named = path.stem.lower() in LOG_NAMES
    try:
        block = begin(path) or (first_lines(path, PEEK) if named or asked else b"")
    except OSError:
        return not asked  # by its name it may be one: say that it cannot be read
    if block.startswith(LFS_POINTER):
        return named
    rows = parse(block)[0]
    axes = axes_of(rows)
    metrics = any(name != axes.step for row in rows for name, _ in numbers_of(row))
    return metrics and (bool(axes.step) or asked or (named and not _are_events(rows, axes)))


def _are_events(rows: Iterable[Row], axes: Axes) -> bool:
    """Say whether rows without a step tell what happened: more of it are texts than numbers."""
    values = [value for row in rows for key, value in row.items() if key != axes.clock]
    texts = sum(isinstance(value, str) and as_number(value) is None for value in values)
    return texts > sum(type(value) in (int, float) for value in values)
