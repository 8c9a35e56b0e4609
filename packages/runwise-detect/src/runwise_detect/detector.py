"""The detector: what every file of ``detectors/`` holds one of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from runwise_detect.records import Column, row_of

if TYPE_CHECKING:
    from runwise_detect.finding import Finding

Columns = Mapping[str, Column]


class Detector(ABC):
    """One kind of trouble, looked for in one stream of records.

    A subclass is a dataclass whose fields are its settings; its name is the name of its file
    and the `Finding.kind` it speaks of; its docstring is the manual page of the kind. It
    must be free of scale: values times 1000, or every record logged ten times, may not change
    its verdict. `runwise_detect.testing` holds it to that.

    The `Monitor` calls, in this order: `watch` whenever the set of metrics changes, then
    `update` (or `extend`) with cleaned records, and `restart` at every boundary of a run.

    Attributes:
        name: the kind, equal to the name of the module.
        weight: share of the health score that one ``warning`` of this kind costs, 0 to 1
            (runwise_detect.diagnosis has the formula).
        watched: metrics whose curves this detector judges now. Empty for one that takes
            whatever comes.
    """

    name: ClassVar[str]
    weight: ClassVar[float] = 0.15
    watched: tuple[str, ...] = ()

    def watch(  # noqa: B027  # many detectors take whatever comes
        self, roles: Mapping[str, str], *, total_steps: float | None = None
    ) -> None:
        """Learn which metrics the run has.

        Args:
            roles: role of every metric that has one (see `runwise_detect.roles`). It grows
                while a run goes on, so this is called again; what was learned about a metric
                that stays watched must be kept.
            total_steps: planned length of the run, where the caller knows it.
        """

    @abstractmethod
    def update(self, step: float, values: Mapping[str, float]) -> list[Finding]:
        """Look at one record; return the findings that opened or ended with it.

        A finding that ended is the one that opened with its end, status and evidence filled
        in: kind, metric and onset identify it. At most one finding per metric is open.

        Args:
            step: step of the record; never below the step before it, unless `restart` was
                called between.
            values: the numbers of the record by metric, NaN and infinities included.
        """

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Look at a block of aligned records; return what `update` would have returned.

        Args:
            steps: steps of the records, rising.
            columns: per metric as many cells as there are steps; None where it is absent.

        Findings of one metric come in their order; those of different metrics may mix.
        """
        found: list[Finding] = []
        for row, step in enumerate(steps):
            found += self.update(step, row_of(columns, row))
        return found

    def current(self) -> list[Finding]:
        """Return the findings that last, with the evidence as it is now."""
        return []

    def restart(self, *, fresh: bool) -> list[Finding]:
        """Forget what does not hold beyond a boundary; return the findings that end there.

        Args:
            fresh: whether training began anew (another run in the same file, a new stage of
                a curriculum), so that initial levels are void too. Otherwise it was resumed
                from a checkpoint.
        """
        del fresh
        return []

    @abstractmethod
    def state_dict(self) -> dict[str, object]:
        """Return all that was learned, of bounded size, made of what strict JSON can hold."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from a `state_dict` of a detector with the same settings."""

    @classmethod
    @abstractmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield the records of a run that has this trouble, without randomness."""
