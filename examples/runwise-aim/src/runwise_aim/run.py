"""One run of a repository: what is in it comes through the aim package, if that is there."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_aim.curves import MACHINE, Tracked, tracked
from runwise_parsers import Gap, Series
from runwise_parsers.held import Held, HeldRun

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers import RunInfo
    from runwise_parsers.held import HeldRow

WITHOUT = Gap(
    "curves and parameters",
    "they are in RocksDB, which the aim package reads",
    "Install it: pip install 'runwise-aim[aim]'",
)


class AimRun(HeldRun):
    """A run, read as a whole when it is first asked."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info)
        self._machine: list[Tracked] = []

    def read(self) -> Held:
        """Read what the run tracked; without the aim package that is a gap."""
        try:
            config, every = tracked(self.info.path, self.info.id)
        except ImportError:
            return Held(gaps=(WITHOUT,))
        except OSError as error:
            gap = Gap("curves and parameters", str(error.strerror or error), "May they be read?")
            return Held(gaps=(gap,))
        self._machine = [one for one in every if one.name.startswith(MACHINE)]
        curves = [one for one in every if one not in self._machine]
        return Held(rows=_rows(curves), config=config)

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what Aim measured of the machine, by seconds since the run began."""
        self.metrics()  # reads the run
        wanted = None if names is None else set(names)
        begun = self.info.created or 0.0
        found = {one.name.removeprefix(MACHINE): one for one in self._machine}
        return {
            name: Series(
                name,
                array("d", (clock - begun for clock in one.times)),
                array("d", one.values),
                array("d", one.times),
            )
            for name, one in found.items()
            if wanted is None or name in wanted
        }


def _rows(curves: list[Tracked]) -> list[HeldRow]:
    """Return all points by step: each metric has its own."""
    rows: dict[float, dict[str, float]] = {}
    clocks: dict[float, float] = {}
    for one in curves:
        for step, value, clock in zip(one.steps, one.values, one.times, strict=True):
            rows.setdefault(step, {})[one.name] = value
            clocks[step] = max(clocks.get(step, clock), clock)
    return [(step, clocks[step], rows[step]) for step in sorted(rows)]
