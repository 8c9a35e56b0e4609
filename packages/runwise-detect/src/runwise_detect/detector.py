"""The detector: what every file of ``detectors/`` holds one of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import is_dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from runwise_detect.records import Column, row_of
from runwise_detect.setting import check

if TYPE_CHECKING:
    from typing_extensions import Self

    from runwise_detect.finding import Finding

Columns = Mapping[str, Column]
Feed = tuple[str, Callable[[float, float], "Finding | None"]]


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
        looks_at_peaks: whether it looks for jumps, and not at levels; of a sketch it then gets
            the highest values (see `runwise_detect.sketched`).
        in_order: whether the order of its `feeds` within a record matters.
    """

    name: ClassVar[str]
    weight: ClassVar[float] = 0.15
    watched: tuple[str, ...] = ()
    in_order: ClassVar[bool] = False
    looks_at_peaks: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Check the settings, where the detector is a dataclass that has some."""
        if is_dataclass(self):
            check(self, self.name)
        self._overrides: list[tuple[str, Mapping[str, Any] | Literal[False]]] = []

    def override(self, pattern: str, settings: Mapping[str, Any] | Literal[False]) -> None:
        """Use other settings for some metrics, before any is watched.

        Args:
            pattern: a name, or a glob. The most specific one that matches wins.
            settings: those that differ, or False for not to judge these metrics.

        Raises:
            ValueError: a value is of the wrong type or out of bounds.
        """
        if settings is not False:
            replace(cast("Any", self), **settings)  # raises if they are not what they may be
        self._overrides.append((pattern, settings))
        self._overrides.sort(key=_specificity)

    def is_off(self, metric: str) -> bool:
        """Whether this metric is not to be judged."""
        off = False
        for pattern, settings in self._overrides:
            if _matches(metric, pattern):
                off = settings is False
        return off

    def settings_for(self, metric: str) -> Self:
        """Return the detector itself, or a copy of it with the settings of this metric."""
        wish: dict[str, Any] = {}
        for pattern, settings in self._overrides:
            if settings is not False and _matches(metric, pattern):
                wish.update(settings)
        if not wish:
            return self
        other = copy(self)  # what is not a setting is shared
        for name, value in wish.items():
            setattr(other, name, value)
        return other

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

    def feeds(self) -> list[Feed] | None:
        """Return who takes the values of which metric, if `update` does no more than that.

        A monitor then hands out the values itself, in this order, which is faster. None if it
        has to call `update`. Asked again after each `watch`.
        """
        return None

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

    def turn(self, rate: float) -> None:  # noqa: B027  # most detectors do not care
        """Learn that the learning rate has moved by a third or more; called before the record.

        Args:
            rate: the learning rate now, zero or above.
        """

    def tick(self, now: float) -> list[Finding]:
        """Learn that nothing has arrived until now; return the findings that opened.

        Args:
            now: the time, on the clock of the records.
        """
        del now
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


def _specificity(override: tuple[str, object]) -> tuple[bool, int]:
    """Return a key that sorts globs before names, and vague globs first."""
    pattern = override[0]
    literal = sum(character not in "*?[]" for character in pattern)
    return literal == len(pattern), literal


def _matches(metric: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase  # noqa: PLC0415  # few have settings for a metric

    return metric == pattern or fnmatchcase(metric, pattern)
