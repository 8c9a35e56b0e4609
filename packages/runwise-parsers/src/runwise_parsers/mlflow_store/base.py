"""What runs of a database and of a file store share."""

from __future__ import annotations

from abc import abstractmethod
from array import array
from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap
from runwise_parsers.mlflow_store import artifacts
from runwise_parsers.run import Run
from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runwise_parsers.artifact import Artifact
    from runwise_parsers.info import RunInfo
    from runwise_parsers.mlflow_store.columns import Column


class MlflowRun(Run):
    """A run of MLflow; ``_gaps`` grows as more is read, ``_lost`` counts rows without a number."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info
        self._gaps: dict[Gap, None] = {}
        self._lost = 0

    @property
    def info(self) -> RunInfo:
        """What MLflow says about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        found = [*self._info.gaps, *self._gaps]
        if self._lost:
            what = f"{self._lost} point{'s' if self._lost > 1 else ''} of {self._info.path.name}"
            why = "there is no number where one belongs"
            found.append(Gap(what, why, "All others were read."))
        return tuple(dict.fromkeys(found))

    def artifacts(self) -> list[Artifact]:
        """Return the files below the run's artifacts, as far as they are on this machine."""
        return artifacts.listed(self._artifacts())

    def read_artifact(self, name: str, limit: int = 65_536) -> bytes:
        """Return the first ``limit`` bytes of a stored file.

        Raises ``LookupError`` where there is no such file, or it is not on this machine.
        """
        return artifacts.read(self._artifacts(), name, limit)

    @abstractmethod
    def _artifacts(self) -> Path | None:
        """Return where the run's artifacts are; ``None``, and a gap, where that is elsewhere."""

    def _machine(self, columns: Mapping[str, Column]) -> dict[str, Series]:
        """Return what was measured of the machine, by seconds since the run began."""
        found: dict[str, Series] = {}
        for name, one in columns.items():
            begin = one.times[0] if self._info.created is None else self._info.created
            steps = array("d", [clock - begin for clock in one.times])
            found[name] = Series(name, steps, one.values, one.times)
        return found
