"""The monitor: records in, findings out."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from runwise_detect.boundaries import Boundaries
from runwise_detect.diagnosis import Diagnosis, diagnose
from runwise_detect.ledger import Ledger
from runwise_detect.plan import Plan
from runwise_detect.rates import Rates
from runwise_detect.records import Column, clean_block, clean_record, present, row_of
from runwise_detect.registry import known_detectors
from runwise_detect.roles import CLOCK, LEARNING_RATE, STAGE, assign, role_of
from runwise_detect.setting import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_detect.detector import Detector
    from runwise_detect.finding import Finding
    from runwise_detect.ledger import Group

EVENTS = {"curriculum": True, "stage": True, "resume": False, "learning_rate": False}
TIME = "@time"  # the metric under which detectors find the wall clock given to `update`
_VERSION = 2


class Monitor:
    """Watches one run: give it every record, and it says when something goes wrong.

    Args:
        detectors: what to look for, never two of a kind; by default one of each there is.
        roles: role of a metric by name, where the name alone would mislead (see
            `runwise_detect.roles`). Metrics that are not named here get theirs by name.
        total_steps: planned length of the run, where it is known.

    A metric may be missing from a record, and new ones may appear at any time. Values that
    are no numbers are ignored. A step that falls is a restart: a boundary, never a spike.
    So is a change of a metric with the role ``stage``.
    """

    def __init__(
        self,
        detectors: Iterable[Detector] | None = None,
        *,
        roles: Mapping[str, str] | None = None,
        total_steps: float | None = None,
    ) -> None:
        if detectors is None:
            detectors = [kind() for kind in known_detectors().values()]
        self._detectors: dict[str, Detector] = {}
        for detector in detectors:
            if self._detectors.setdefault(detector.name, detector) is not detector:
                raise ValueError(f"detectors: two are of the kind {detector.name}")
        self._plan = Plan()
        self._given = {TIME: CLOCK, **(roles or {})}
        self._total_steps = total_steps
        self._roles: dict[str, str] = {}
        self._known: set[str] = set()
        self._bounds, self._ledger, self._rates = Boundaries(), Ledger(), Rates()
        self._records = 0

    @property
    def findings(self) -> list[Finding]:
        """All findings so far as they are now, in order; at most 50 per kind and metric."""
        self._sync()
        return self._ledger.findings()

    def update(
        self, step: float, metrics: Mapping[str, object], *, time: float | None = None
    ) -> list[Finding]:
        """Look at one record; return the findings it opens. None is ever returned twice.

        Args:
            step: the training step, or any other number that rises with it.
            metrics: numbers by name, as handed to a logger.
            time: wall clock in seconds, from any origin.
        """
        values: Any = metrics
        for value in metrics.values():
            if type(value) is not float:
                values = clean_record(metrics)
                break
        if type(step) is not int and type(step) is not float:
            step = float(step)  # a numpy scalar would spoil the state
        if time is not None:
            values = {**values, TIME: float(time)}
        if not self._known.issuperset(values):
            self._meet(values)
        bounds = self._bounds
        if step < bounds.last or bounds.stages or bounds.announced:
            self._cross(step, values)
        bounds.last = step
        rates = self._rates
        if rates.name in values and not rates.low <= values[rates.name] <= rates.high:
            self._turn(values)
        self._records += 1
        changed = self._plan.update(step, values)
        return self._note(changed) if changed else changed

    def extend(
        self,
        steps: Sequence[float],
        columns: Mapping[str, Sequence[Any]],
        *,
        clean: bool = False,
    ) -> list[Finding]:
        """Look at a block of records; return what `update` would have, in order of step.

        Args:
            steps: step of each record.
            columns: per metric as many cells as there are steps; None where it is absent.
            clean: whether all of these are lists of floats, and of None, and need no look: as
                `alignment.blocks` yields them where it is given arrays.

        Raises:
            ValueError: a column is shorter or longer than `steps`.
        """
        if not clean:
            steps, columns = clean_block(steps, columns)
        found: list[Finding] = []
        for start, end in pairwise(self._cuts(steps, columns)):
            if end - start == len(steps):
                return self._extend(steps, columns)
            piece = {name: column[start:end] for name, column in columns.items()}
            found += self._extend(steps[start:end], piece)
        return found

    def tick(self, now: float) -> list[Finding]:
        """Say that nothing has arrived until now; return the findings that opens.

        Args:
            now: seconds, on the clock of the `time` given to `update` or of a logged clock.
        """
        return self._note([f for d in self._detectors.values() for f in d.tick(now)])

    def notify(self, event: str, step: float) -> None:
        """Say what the records do not: what comes from a step on is not what came before.

        Args:
            event: ``curriculum`` or ``stage`` (the task is another one, and so is the level to
                begin with), ``resume`` (the run goes on from a checkpoint) or
                ``learning_rate`` (it was raised, and is not logged).
            step: where it happens; a step that was seen already stands for the next one.

        Raises:
            ValueError: the event is unknown.
        """
        if event not in EVENTS:
            raise unknown("event", event, EVENTS)
        last = self._bounds.last
        at = max(step, last) if last < math.inf else step  # it is infinite before any record
        self._bounds.announce(at, fresh=EVENTS[event])

    def restart(self) -> None:
        """Say that the run was interrupted here; a step that falls says so by itself."""
        self._bounds.last = math.inf

    def finish(self) -> Diagnosis:
        """Return what there is to say about the run so far; it may go on afterwards."""
        watched = dict.fromkeys(name for d in self._detectors.values() for name in d.watched)
        return diagnose(
            self.groups(),
            {kind: detector.weight for kind, detector in self._detectors.items()},
            records=self._records,
            roles=self._roles,
            watched=tuple(watched),
        )

    def groups(self) -> list[Group]:
        """Return the findings so far, as they are now, by kind and metric."""
        self._sync()
        return self._ledger.groups()

    def state_dict(self) -> dict[str, object]:
        """Return all that was learned, of bounded size and as strict JSON."""
        return {
            "version": _VERSION,
            "known": sorted(self._known),
            "bounds": self._bounds.state_dict(),
            "rates": self._rates.state_dict(),
            "records": self._records,
            "ledger": self._ledger.state_dict(),
            "detectors": {kind: d.state_dict() for kind, d in self._detectors.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from the `state_dict` of a monitor that was made with the same arguments.

        Raises:
            ValueError: it is of another version, or its detectors are of other kinds.
        """
        if state.get("version") != _VERSION:
            raise ValueError(f"state: version {state.get('version')!r} is not {_VERSION}")
        if set(state["detectors"]) != set(self._detectors):
            raise ValueError(f"state: its detectors are {', '.join(state['detectors'])}")
        self._meet(state["known"])
        self._bounds.load_state_dict(state["bounds"])
        self._rates.load_state_dict(state["rates"])
        self._records = state["records"]
        self._ledger.load_state_dict(state["ledger"])
        for kind, detector in self._detectors.items():
            detector.load_state_dict(state["detectors"][kind])
        self._plan = Plan()
        self._plan.draw(self._detectors.values())

    def _meet(self, names: Iterable[str]) -> None:
        """Learn metrics that were not seen before."""
        self._known.update(names)
        given = {name: role for name, role in self._given.items() if name in self._known}
        self._roles = {**assign(sorted(self._known)), **given}
        self._bounds.follow(name for name, role in self._roles.items() if role == STAGE)
        self._rates.follow(name for name, role in self._roles.items() if role == LEARNING_RATE)
        for detector in self._detectors.values():
            detector.watch(self._roles, total_steps=self._total_steps)
        self._plan.draw(self._detectors.values())

    def _cross(self, step: float, values: Mapping[str, float]) -> None:
        """Tell the detectors if this record lies beyond a boundary."""
        fresh = self._bounds.crossed(step, values)
        if fresh is not None:
            self._note([f for d in self._detectors.values() for f in d.restart(fresh=fresh)])

    def _turn(self, values: Mapping[str, float]) -> None:
        """Tell the detectors if the learning rate of this record has moved."""
        rate = values.get(self._rates.name)
        if rate is not None and self._rates.moved(rate):
            for detector in self._detectors.values():
                detector.turn(rate)

    def _cuts(self, steps: Sequence[float], columns: Mapping[str, Column]) -> list[int]:
        """Return the rows between which a block can be looked at as one."""
        roles = {name: self._given.get(name, role_of(name)) for name in columns}
        rows = self._bounds.rows(steps, [columns[n] for n in columns if roles[n] == STAGE])
        for name in columns:
            if roles[name] == LEARNING_RATE:
                rows.update(self._rates.rows(name, columns[name]))
        rows.update(present(columns[name]) or 0 for name in columns.keys() - self._known)
        return sorted({0, len(steps), *rows})

    def _extend(self, steps: Sequence[float], columns: Mapping[str, Column]) -> list[Finding]:
        """Look at records among which only the first can be a boundary or bring new metrics."""
        first = row_of(columns, 0)
        if not first.keys() <= self._known:
            self._meet(first)
        self._cross(steps[0], first)
        self._turn(first)
        self._bounds.last = steps[-1]
        self._records += len(steps)
        changed = [f for d in self._detectors.values() for f in d.extend(steps, columns)]
        changed += self._plan.extend_chunks(steps, columns)
        return sorted(self._note(changed), key=lambda finding: finding.step)

    def _note(self, changed: list[Finding]) -> list[Finding]:
        """Enter findings into the ledger; return those that are new."""
        return [f for f in changed if self._ledger.put(f, self._bounds.segment)]

    def _sync(self) -> None:
        """Bring the ledger up to date with what lasts."""
        live = [finding for d in self._detectors.values() for finding in d.current()]
        self._note(live)
        self._ledger.close_all_but({(finding.kind, finding.metric) for finding in live})
