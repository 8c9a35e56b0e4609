"""The step of every row of an OpenMMLab log, and names that say what was evaluated.

mmcv counts the iteration anew in each epoch, and evaluations hold the number of batches they
took under the same key. mmengine keeps one count, but evaluations have the epoch for a step. In
both, an evaluation belongs to the training row before it. A name that training uses too gets the
mode before it: ``val/time``.
"""

from __future__ import annotations

from abc import abstractmethod
from itertools import islice
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.axes import Axes
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.rows import Row, parse
from runwise_parsers.json_log.steps import finite
from runwise_parsers.lines import first_lines, windows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FLOOR = "\0floor"
"""Where the step an evaluation was written with is kept; no writer has such a key."""
_OF_BOTH = frozenset({"epoch", "lr", "step", "iter", "mode", _FLOOR})
"""What is said of the run, not of training or evaluation."""
_FAR = 1 << 24
"""Bytes in which the end of the first epoch is looked for."""


class MmLog(JsonLog):
    """Rows of training and of evaluations in one file.

    What steps and names depend on is learned from the first rows, and looked for again as long
    as it is unknown and the file grows.
    """

    plain = False

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.trained: frozenset[str] = frozenset()
        self._looked = -1

    def rows(self, data: bytes) -> tuple[list[Row], int]:
        """Return the rows in whole lines with their step, and how many lines held none."""
        self.look()
        rows, unreadable = parse(data)
        return [self.row(row) for row in rows if self.is_row(row)], unreadable

    def identity(self) -> list[object]:
        """Return what steps and names depend on."""
        self.look()
        return [*super().identity(), crc32("\n".join(sorted(self.trained)).encode())]

    def look(self) -> None:
        """Look at the first rows, unless that was done and the file is as it was."""
        size = self.size()
        if size != self._looked:
            self._looked = size
            self.learn()

    def learn(self) -> None:
        """Learn which names training uses: those of its first row."""
        if not self.trained:
            rows = filter(self.is_training, parse(first_lines(self.path))[0])
            self.trained = frozenset(name for row in islice(rows, 1) for name in row) - _OF_BOTH

    def told_apart(self, row: Row, mode: str) -> dict[str, object]:
        """Return an evaluation without names that training uses too."""
        known = self.trained
        return {f"{mode}/{name}" if name in known else name: value for name, value in row.items()}

    def is_row(self, row: Row) -> bool:
        """Say whether a line is a row: the first one may describe the run instead."""
        del row
        return True

    @abstractmethod
    def row(self, row: Row) -> Row:
        """Return a row as it is to be read."""

    @abstractmethod
    def is_training(self, row: Row) -> bool:
        """Say whether a row is of training, not of an evaluation."""


class EpochLog(MmLog):
    """mmcv's ``<time>.log.json``: the iteration starts anew in each epoch."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._length: int | None = None

    @property
    def epoch_length(self) -> int:
        """The greatest iteration of the first epoch that ended.

        0 while none has, and where the iteration goes on from epoch to epoch.
        """
        self.look()
        return self._length or 0

    def find_axes(self, head: list[Row]) -> Axes:
        """Return the step that is added to each row of training."""
        del head
        return Axes("step")

    def is_row(self, row: Row) -> bool:
        """Say whether a line has a mode; that which describes the run has none."""
        return isinstance(row.get("mode"), str)

    def is_training(self, row: Row) -> bool:
        """Say whether a row's mode is training."""
        return row.get("mode") == "train"

    def row(self, row: Row) -> Row:
        """Return a row with its step, an evaluation without one."""
        if not self.is_training(row):
            kept = self.told_apart(row, str(row["mode"]))
            return {name: value for name, value in kept.items() if name not in ("iter", "step")}
        epoch, at = finite(row.get("epoch")), finite(row.get("iter"))
        kept = {name: value for name, value in row.items() if name not in ("iter", "step")}
        if at is not None:
            kept["step"] = at if epoch is None else (epoch - 1) * (self._length or 0) + at
        return kept

    def identity(self) -> list[object]:
        """Return what steps and names depend on: the length of an epoch too."""
        return [*super().identity(), self._length or 0]

    def learn(self) -> None:
        """Learn the length of an epoch too."""
        super().learn()
        if self._length is None:
            self._length = _epoch_length(self._training())

    def _training(self) -> Iterable[tuple[float, float]]:
        """Yield epoch and iteration of the rows of training."""
        for data, reach in windows(self.path):
            for row in filter(self.is_training, parse(data)[0]):
                epoch, at = finite(row.get("epoch")), finite(row.get("iter"))
                if epoch is not None and at is not None:
                    yield epoch, at
            if reach > _FAR:
                return


def _epoch_length(rows: Iterable[tuple[float, float]]) -> int | None:
    """Return how many iterations the first epoch has, ``None`` while it has not ended."""
    first = greatest = 0.0
    for epoch, at in rows:
        if first and epoch > first:
            return int(greatest) if at <= greatest else 0
        first, greatest = epoch, max(greatest, at)
    return None


class ScalarLog(MmLog):
    """mmengine's ``scalars.json``: one count of steps, and evaluations that have epochs for it."""

    def find_axes(self, head: list[Row]) -> Axes:
        """Return the step; that of an evaluation is only the least it can be."""
        del head
        return Axes("step", floor=_FLOOR)

    def is_training(self, row: Row) -> bool:
        """Say whether a row has an iteration: no evaluation has one."""
        return "iter" in row

    def row(self, row: Row) -> Row:
        """Return an evaluation with its step as the least it can be."""
        if self.is_training(row) or not self.trained:  # where no row has one, all are alike
            return row
        kept = self.told_apart(row, "val")
        kept[_FLOOR] = kept.pop("step", None)
        return kept


def log_at(path: Path) -> MmLog:
    """Return the log in a file, by its name."""
    return EpochLog(path) if path.name.endswith(".log.json") else ScalarLog(path)
