"""A run of Sacred: one directory, read as a whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from runwise_parsers.artifact import Artifact
from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.held import Held, HeldRun
from runwise_parsers.interleave import rows_of
from runwise_parsers.lines import last_lines
from runwise_parsers.sacred_log.entry import load_entry
from runwise_parsers.sacred_log.metrics import METRICS, load_points
from runwise_parsers.values import loads
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "config.json"
INFO = "info.json"
PRINTED = "cout.txt"
_LINE = 400
_LEAST = 1 << 16
_TOO_DEEP = 16


class SacredRun(HeldRun):
    """Reads the directory of a run."""

    def read(self) -> Held:
        """Read metrics, entry, config and info anew."""
        path = self.info.path
        points, entry = load_points(path), load_entry(path)
        config, no_config = _object_in(path / CONFIG)
        info, no_info = _object_in(path / INFO)
        told = {"result": entry.tree.get("result"), "info": info}
        summary = {name: kept for name, one in told.items() if (kept := _scalars(one)) is not None}
        gaps = (*entry.gaps, *points.gaps, *no_config, *no_info)
        return Held(rows_of(points.curves), config, summary, gaps)

    def size(self) -> int:
        """Return the bytes of the metrics."""
        try:
            return (self.info.path / METRICS).stat().st_size
        except OSError:
            return 0

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines that were printed, and behind them the error that ended it."""
        if last < 1:
            return []
        try:
            data = last_lines(self.info.path / PRINTED, max(_LEAST, last * _LINE))
        except OSError:
            data = b""
        lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        printed = [line.rsplit("\r", 1)[-1] for line in (lines if lines[-1] else lines[:-1])]
        return (printed + load_entry(self.info.path).fail_trace)[-last:]

    def printed(self) -> tuple[Path, ...]:
        """Return ``cout.txt``."""
        path = self.info.path / PRINTED
        return (path,) if path.is_file() else ()

    def artifacts(self) -> list[Artifact]:
        """Return the files the run stored, by name."""
        return [
            Artifact(name, self._size_of(name)) for name in load_entry(self.info.path).artifacts
        ]

    def read_artifact(self, name: str, limit: int = 65_536) -> bytes:
        """Return the first ``limit`` bytes of a stored file.

        Raises ``LookupError`` where there is no such file, or it is not on this machine.
        """
        path = self._stored(name)
        if name not in load_entry(self.info.path).artifacts or path is None:
            raise LookupError(f"{self.info.id} stored no {name}")
        try:
            with path.open("rb") as file:
                return file.read(limit)
        except OSError as error:
            raise LookupError(f"{name} cannot be read: {error.strerror}") from error

    def _stored(self, name: str) -> Path | None:
        """Return where a file is; a name out of a log must not lead out of the run."""
        folder = os.path.realpath(self.info.path)
        path = os.path.realpath(os.path.join(folder, name.replace("\0", "")))  # noqa: PTH118
        inside = path.startswith(folder + os.sep)
        return self.info.path / os.path.relpath(path, folder) if inside else None

    def _size_of(self, name: str) -> int | None:
        path = self._stored(name)
        try:
            return path.stat().st_size if path is not None else None
        except OSError:
            return None


def _object_in(path: Path) -> tuple[dict[str, object], tuple[Gap, ...]]:
    """Return the object in a JSON file, and what is wrong with it if it is there."""
    try:
        value = loads(read_whole(path))
    except FileNotFoundError:
        return {}, ()
    except OSError as error:
        return {}, (unreadable(path.name, error),)
    except ValueError:
        return {}, (Gap(path.name, "it is cut short or damaged", "The curves do not need it."),)
    return (cast("dict[str, object]", value) if isinstance(value, dict) else {}), ()


def _scalars(value: object, depth: int = 0) -> object:
    """Return a result without its lists: they may be anything, and long; ``None`` for nothing."""
    if isinstance(value, dict) and depth < _TOO_DEEP:
        pairs = cast("dict[str, object]", value).items()
        kept = {
            key: one for key, inner in pairs if (one := _scalars(inner, depth + 1)) is not None
        }
        return kept or None
    return value if isinstance(value, (str, int, float)) else None
