"""A pause in which nothing is logged."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import sub
from typing import TYPE_CHECKING, ClassVar, cast

from runwise_detect.curves import Curve, CurveDetector, is_dense
from runwise_detect.finding import Finding
from runwise_detect.lasting import Lasting
from runwise_detect.roles import CLOCK, is_validation
from runwise_detect.setting import setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runwise_detect.detector import Columns
    from runwise_detect.records import Column

_KEPT = 64  # gaps from which the usual one is taken
_ENOUGH = 10  # gaps before anything is said
_LEAST = 1.0  # seconds that no pause is a stall of, whatever the rhythm: a file was flushed
_PATIENCE = 60.0  # seconds a live run may be silent whatever its rhythm
_ADVICE = "Look at the data loader, the disk and the network, and at what else ran at that time."


@dataclass(eq=False)
class Stall(CurveDetector):
    """Nothing is logged for far longer than usual.

    The time from one record to the next is a stall when it is more than `times` the median of
    the last 64, more than six times the longest one before, and more than `share` of all the
    time before it: a pause of a minute is nothing in a run of a day, and one of a second is
    nothing in any. A pause that ends with validation metrics was an evaluation. Records of the
    same instant are one record. It is over with the record that ends it, so it is told
    afterwards; `tick` tells while it lasts, when more than a minute has passed.

    A restart of the run is no stall. Silent without a clock: a metric of seconds, or the
    `time` of `Monitor.update`.

    >>> detector = Stall()
    >>> detector.watch({"_runtime": "clock"})
    >>> for step in range(40):
    ...     seconds = 2.0 * step + 900.0 * (step >= 30)
    ...     for finding in detector.update(step, {"_runtime": seconds}):
    ...         print(finding.step, finding.status, finding.message)
    30 recovered nothing was logged for 902 seconds, usually it is 2 seconds
    """

    name: ClassVar[str] = "stall"
    weight: ClassVar[float] = 0.08

    times: float = setting(50.0, "times the usual gap", 2.0, 1e9)
    share: float = setting(0.05, "share of the time before it", 0.0, 1e9)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._held_out: frozenset[str] = frozenset()
        self._waits = False  # whether there was an evaluation since the last time
        self._clock: _Clock | None = None

    def watch(self, roles: Mapping[str, str], *, total_steps: float | None = None) -> None:
        """Learn which metric is the clock, and which come with an evaluation."""
        self._held_out = frozenset(name for name in roles if is_validation(name))
        super().watch(roles, total_steps=total_steps)

    def choose(self, roles: Mapping[str, str]) -> list[str]:
        """Judge one clock, the caller's own if there is one."""
        return sorted(name for name, role in roles.items() if role == CLOCK)[:1]

    def begin(self, metric: str) -> Curve:
        """Return the state of a clock of which nothing was seen."""
        return _Clock(metric, self)

    def feeds(self) -> None:
        """Return None: the time of a record is judged with what else it holds."""

    def update(self, step: float, values: Mapping[str, float]) -> list[Finding]:
        """Judge the time of the record, knowing whether it is of an evaluation."""
        clock = self._clock
        if clock is None or clock.metric not in values:
            self._waits = self._waits or not self._held_out.isdisjoint(values)
            return []
        time = values[clock.metric]
        if clock.is_usual(step, time):
            self._waits = False
            return []
        was_evaluated = self._waits or not self._held_out.isdisjoint(values)
        self._waits = False
        found = clock.examine(step, time, was_evaluated=was_evaluated)
        return [] if found is None else [found]

    def extend(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Judge record by record, if there is a clock and not all is as usual."""
        if (clock := self._clock) is None:
            return []
        if clock.metric in columns and clock.takes(steps, columns[clock.metric]):
            self._waits = False
            return []
        wanted = {name: columns[name] for name in self._held_out if name in columns}
        times = columns.get(clock.metric, ())
        if times and None not in times:
            return self._each(clock, steps, cast("Sequence[float]", times), wanted)
        if clock.metric in columns:
            wanted[clock.metric] = times
        return super(CurveDetector, self).extend(steps, wanted)

    def _each(
        self, clock: _Clock, steps: Sequence[float], times: Sequence[float], held_out: Columns
    ) -> list[Finding]:
        """Judge records of which each has a time."""
        found: list[Finding] = []
        waits, self._waits = self._waits, False
        for row, (step, time) in enumerate(zip(steps, times, strict=True)):
            if not clock.is_usual(step, time):
                with_it = any(column[row] is not None for column in held_out.values())
                change = clock.examine(step, time, was_evaluated=waits or with_it)
                found += () if change is None else (change,)
            waits = False
        return found

    def tick(self, now: float) -> list[Finding]:
        """Return the stall that lasts at this time of the clock, if it is a new one."""
        found = self._clock and self._clock.tick(now)
        return [found] if found else []

    def state_dict(self) -> dict[str, object]:
        """Return the state of the clock."""
        return {"waits": self._waits, "clocks": super().state_dict()}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from a `state_dict`."""
        self._waits = bool(state["waits"])
        clocks: Mapping[str, object] = state["clocks"]  # type: ignore[assignment]
        super().load_state_dict(clocks)

    def _take(self, curves: dict[str, Curve]) -> None:
        super()._take(curves)
        self._clock = cast("_Clock | None", next(iter(curves.values()), None))

    @classmethod
    def patient(cls) -> Iterator[tuple[int, dict[str, float]]]:
        """Yield a run that hangs for an hour."""
        for step in range(100):
            seconds = 1.5 * step + 3600.0 * (step >= 70)
            yield step, {"train/loss": 2.0 / (1 + step / 30), "_runtime": seconds}


@dataclass(eq=False, slots=True)
class _Clock(Lasting):
    metric: str
    settings: Stall
    first: float | None = None
    last: float | None = None
    step: float = 0.0  # of the last record
    gaps: list[float] = field(default_factory=list[float])
    known: int = 0  # gaps so far
    every: int = 0  # bits of `known` that are zero when a gap is looked at
    usual: float = 0.0
    longest: float = 0.0
    limit: float = math.inf  # gaps up to it are usual

    def is_usual(self, step: float, value: float) -> bool:
        """Take the time of a record if it needs no closer look; return whether that is so."""
        last = self.last
        if last is None or not last < value <= last + self.limit or self.found is not None:
            return False
        gap = value - last
        self.last, self.step = value, step
        self.longest = max(self.longest, gap)
        self.known += 1
        if self.known & self.every == 0:
            self._enter(gap)
        return True

    def takes(self, steps: Sequence[float], values: Column) -> bool:
        """Take the times of a block if no gap in it can be unusual; return whether that is so.

        The usual gap is the median of some, so it is no less than the least of all.
        """
        if (
            not values
            or self.every == 0
            or self.last is None
            or self.found
            or not is_dense(values)
        ):
            return False
        times = cast("Sequence[float]", values)
        gaps = [times[0] - self.last, *map(sub, islice(times, 1, None), times)]
        least, most = min(gaps), max(gaps)
        usual = self.settings.times * min(least, *self.gaps)
        if not 0.0 < least <= most <= min(usual, self.limit):
            return False
        self.last, self.step = times[-1], steps[-1]
        self.longest = max(self.longest, most)
        ahead = -(self.known + 1) & self.every  # gaps before one that counts
        self.known += len(gaps)
        counting = gaps[ahead :: self.every + 1]
        if counting:
            self._enter_all(counting)
        return True

    def examine(self, step: float, value: float, *, was_evaluated: bool) -> Finding | None:
        """Take the time of any record; return the stall that ended with it."""
        last = self.last
        if last is None or not value > last:
            self._start(step, value)
            return None
        gap, before = value - last, self.step
        if gap == math.inf:
            return None
        self.last, self.step = value, step
        if gap > self.limit and self._is_stall(gap, last) and not was_evaluated:
            return self._end(before, step, gap)
        self.longest = max(self.longest, gap)
        self.known += 1
        self._enter(gap)
        return self.close("recovered")

    def tick(self, now: float) -> Finding | None:
        """Open a stall if too much time has passed since the last record."""
        gap = now - self.last if self.last is not None else 0.0
        if self.found is not None or gap <= max(self.limit, _PATIENCE):
            return None
        if not self._is_stall(gap, self.last or 0.0):
            return None
        return self.open(self._finding(self.step, self.step, gap, "nothing has been logged for"))

    def forget(self, *, fresh: bool) -> None:
        self.last = None
        if fresh:
            self.first = None

    def _start(self, step: float, value: float) -> None:
        if self.last is None and value - value == 0.0:
            self.last, self.step = value, step
            self.first = value if self.first is None else self.first
        elif self.last is not None and value < self.last:
            self.last, self.first = value, value

    def _enter(self, gap: float) -> None:
        """Take a gap among those that say what is usual."""
        self.gaps.append(gap)
        if len(self.gaps) < _ENOUGH:
            return
        if len(self.gaps) > _KEPT:
            del self.gaps[: _KEPT // 2]
        self.usual = sorted(self.gaps)[len(self.gaps) // 2]
        self.limit = self.settings.times * self.usual
        self.every = 7  # from now on every eighth gap will do

    def _enter_all(self, gaps: list[float]) -> None:
        """Take gaps as `_enter` would one by one; only the last median is needed."""
        known = [*self.gaps, *gaps[:-1]]
        half = _KEPT // 2
        excess = -(-max(0, len(known) - _KEPT) // half) * half
        self.gaps = known[excess:]
        self._enter(gaps[-1])

    def _is_stall(self, gap: float, last: float) -> bool:
        before = last - (self.first or 0.0)
        least = max(_LEAST, 6 * self.longest, self.settings.share * before)
        return least < gap < math.inf

    def _finding(self, onset: float, step: float, gap: float, what: str) -> Finding:
        message = f"{what} {gap:.3g} seconds, usually it is {self.usual:.3g} seconds"
        evidence = (gap, self.usual, gap / self.usual, self.settings.times)
        metric = self.metric.lstrip("@")  # the caller's clock has no other name
        return Finding("stall", "warning", metric, onset, step, *evidence, message, _ADVICE)

    def _end(self, before: float, step: float, gap: float) -> Finding:
        """Return the stall as one that is over."""
        self.longest = max(self.longest, gap)
        known = self.found
        found = self._finding(before, known.step if known else step, gap, "nothing was logged for")
        self.found = None
        return replace(found, end_step=step, status="recovered")
