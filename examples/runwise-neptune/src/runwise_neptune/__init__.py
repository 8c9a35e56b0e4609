"""Neptune's runs, as neptune-exporter saved them before the service was shut down.

    <data>/<project>-<16 hex digits>/<run>-<16 hex digits>_part_<n>.parquet
    <data>/<project>/part_<n>.parquet            its first versions: several runs in a file

Parquet keeps the names of its columns at the end of the file, as plain text: that is how a file
is known without pyarrow, which takes 0.2 s to import and is only needed to read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise_parsers import Source
from runwise_parsers.source import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers import Run, RunInfo
    from runwise_parsers.source import Folder

__all__ = ["Neptune"]

_PART = re.compile(r"(?:(.+)_)?part_(\d+)\.parquet")
_COLUMNS = (b"attribute_path", b"attribute_type", b"float_value", b"run_id")
_FOOTER = 1 << 14


class Neptune(Source):
    """Exports of neptune-exporter: all parts of a run are one run."""

    name = "neptune"
    order = 46
    looks_for = r"(?:.+_)?part_\d+\.parquet"
    reads = "*part_<n>.parquet of neptune-exporter"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take the parts of each run, those whose first one has the columns of an export."""
        parts: dict[str, dict[int, str]] = {}
        for name in folder.files:
            found = _PART.fullmatch(name)
            if found:
                parts.setdefault(found[1] or "", {})[int(found[2])] = name
        for key, names in sorted(parts.items()):
            ordered = [names[number] for number in sorted(names)]
            if any(_is_export(folder.path / name) for name in ordered):
                paths = tuple(folder.take(name) for name in ordered)
                yield Claim(self.name, key or folder.path.name, folder.path, paths)

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        """Yield every run in the parts: one, or several of the exporter's first versions."""
        from runwise_neptune.described import described  # noqa: PLC0415  it imports pyarrow

        return iter(described(claim.paths))

    def describe(self, claim: Claim) -> RunInfo:
        """Return the first run in the parts."""
        return next(self.runs(claim))

    def open(self, info: RunInfo) -> Run:
        """Return one run."""
        from runwise_neptune.run import NeptuneRun  # noqa: PLC0415  it imports pyarrow

        return NeptuneRun(info)


def _is_export(path: Path) -> bool:
    """Say whether a file is Parquet with the columns of an export."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _FOOTER))
            footer = file.read(_FOOTER)
    except OSError:
        return False
    return footer.endswith(b"PAR1") and _names_columns(path, footer, size)


def _names_columns(path: Path, footer: bytes, size: int) -> bool:
    """Say whether the names are in the footer; of a long one the schema stands at its start."""
    length = int.from_bytes(footer[-8:-4], "little")
    if 0 < length + 8 <= size and length + 8 > len(footer):
        try:
            with path.open("rb") as file:
                file.seek(size - length - 8)
                footer = file.read(_FOOTER)
        except OSError:
            return False
    return all(name in footer for name in _COLUMNS)
