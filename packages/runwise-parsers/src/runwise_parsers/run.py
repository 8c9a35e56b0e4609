"""A run: the questions every source answers in the same way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from runwise_parsers.series import Batch, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from runwise_parsers.alert import Alert
    from runwise_parsers.artifact import Artifact
    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo
    from runwise_parsers.slices import Sliced


class Run(ABC):
    """One training run, read lazily from what it left behind.

    A source implements the abstract methods; it overrides the others where its format allows
    something cheaper. Nothing is ever written, locked or touched.
    """

    @property
    @abstractmethod
    def info(self) -> RunInfo:
        """What head and tail of the log say about the run."""

    @property
    @abstractmethod
    def gaps(self) -> tuple[Gap, ...]:
        """What reading so far found missing; grows as more is read."""

    @abstractmethod
    def config(self) -> dict[str, object]:
        """Hyperparameters, nested as logged."""

    def early_config(self) -> dict[str, object]:
        """Hyperparameters as they were when the run began: of a log, what its head tells."""
        return self.config()

    @abstractmethod
    def summary(self) -> dict[str, object]:
        """Last value of every metric and what the run put into its summary."""

    @abstractmethod
    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics, internal ones (``_step``, ``_runtime``) included, in log order."""

    @abstractmethod
    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``, in bounded batches.

        ``None`` starts at the beginning; every batch carries the cursor to go on from. Where the
        log was rotated or rewritten, the first batch says ``restart=True`` and reading begins
        again. Raises ``ValueError`` for a cursor that is not one of ours.
        """

    @abstractmethod
    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` exact rows from evenly spread places, first and last included.

        The cost does not depend on the size of the log.
        """

    @abstractmethod
    def tail(self, rows: int) -> dict[str, Series]:
        """Return the newest ``rows`` rows."""

    def batches(self, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield the whole run in bounded pieces: constant memory whatever its size."""
        return self.since(None, names)

    def series(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return exact columns of the named metrics, of all for ``None``.

        A name that was never logged is absent from the answer.
        """
        return gather(batch.columns for batch in self.batches(names))

    def size(self) -> int:
        """Return about how many bytes a pass over the whole history reads."""
        return sum(map(_bytes_in, self.info.segments))

    def slices(self, size: int) -> Sliced | None:
        """Return the whole history in slices of about ``size`` bytes, for many to read at once.

        ``None`` where it cannot be cut, or joining would not give what one pass gives.
        """
        del size
        return None

    def told(self) -> dict[str, object] | None:
        """Return what a pass learned besides the curves, as JSON can hold it, for ``recall``.

        ``None`` where going on from the cursor would not give the same ``config``, ``summary``
        and ``gaps`` as reading everything again.
        """
        return None if self.gaps != self.info.gaps else {}

    def recall(self, told: Mapping[str, object]) -> None:
        """Take back what ``told`` returned, before going on from the cursor of that pass."""
        del told

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points with ``first_step <= step <= last_step``."""
        pieces = (
            {name: cut(one, first_step, last_step) for name, one in batch.columns.items()}
            for batch in self.batches(names)
        )
        return {name: one for name, one in gather(pieces).items() if len(one)}

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what the tracker measured of the machine: GPU, memory, network, disk.

        A group of its own: it has no training step. ``steps`` are seconds since the run began.
        """
        del names
        return {}

    def alerts(self) -> list[Alert]:
        """Return the alerts that were raised, oldest first."""
        return []

    def artifacts(self) -> list[Artifact]:
        """Return the files the run stored, by name."""
        return []

    def read_artifact(self, name: str, limit: int = 65_536) -> bytes:
        """Return the first ``limit`` bytes of a stored file.

        Raises ``LookupError`` where there is no such file, or it is not on this machine.
        """
        del limit
        raise LookupError(f"{self.info.id} stored no {name}")

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines the run printed; empty where none were kept."""
        del last
        return []

    def printed(self) -> tuple[Path, ...]:
        """Return the text files that hold what was printed, a launch each, the oldest first."""
        return ()


def _bytes_in(path: Path) -> int:
    try:
        files = [one for one in path.iterdir() if one.is_file()] if path.is_dir() else [path]
        return sum(one.stat().st_size for one in files)
    except OSError:
        return 0


def gather(pieces: Iterable[Mapping[str, Series]]) -> dict[str, Series]:
    """Join pieces of curves in order; curves that shared their steps go on sharing them."""
    parts: dict[str, list[Series]] = {}
    for piece in pieces:
        for name, one in piece.items():
            parts.setdefault(name, []).append(one)
    shared: dict[tuple[int, ...], array[float]] = {}
    whole: dict[str, Series] = {}
    for name, runs in parts.items():
        times = [one.times for one in runs if one.times is not None]
        whole[name] = Series(
            name,
            _joined([one.steps for one in runs], shared),
            _joined([one.values for one in runs], None),
            _joined(times, shared) if len(times) == len(runs) else None,
        )
        runs.clear()
    return whole


def _joined(
    columns: list[array[float]], shared: dict[tuple[int, ...], array[float]] | None
) -> array[float]:
    if len(columns) == 1:
        return columns[0]
    key = tuple(map(id, columns))
    if shared is not None and key in shared:
        return shared[key]
    column = array("d")
    for piece in columns:
        column.extend(piece)
    if shared is not None:
        shared[key] = column
    return column


def cut(series: Series, first_step: float, last_step: float) -> Series:
    """Return the points of one rising stretch that lie between two steps, both included."""
    low, high = bisect_left(series.steps, first_step), bisect_right(series.steps, last_step)
    if low == 0 and high == len(series):
        return series
    times = None if series.times is None else series.times[low:high]
    return Series(series.name, series.steps[low:high], series.values[low:high], times)
