"""The monitor: records in, findings out."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from runwise_detect.boundaries import Boundaries
from runwise_detect.diagnosis import Diagnosis, diagnose
from runwise_detect.ledger import Ledger
from runwise_detect.records import Column, clean_block, clean_record, present, row_of
from runwise_detect.registry import known_detectors
from runwise_detect.roles import CLOCK, LOSSES, STAGE, assign, role_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_detect.detector import Detector
    from runwise_detect.finding import Finding

TIME = "@time"  # the metric under which detectors find the wall clock given to `update`
_VERSION = 1


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
        self._updates = [detector.update for detector in self._detectors.values()]
        self._given = {TIME: CLOCK, **(roles or {})}
        self._total_steps = total_steps
        self._roles: dict[str, str] = {}
        self._known: set[str] = set()
        self._bounds, self._ledger = Boundaries(), Ledger()
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
        values = clean_record(metrics)
        if type(step) is not int and type(step) is not float:
            step = float(step)  # a numpy scalar would spoil the state
        if time is not None:
            values[TIME] = float(time)
        if not values.keys() <= self._known:
            self._meet(values)
        bounds = self._bounds
        if step < bounds.last or bounds.stages:
            self._cross(step, values)
        bounds.last = step
        self._records += 1
        changed: list[Finding] = []
        for update in self._updates:
            changed += update(step, values)
        return self._note(changed) if changed else changed

    def extend(
        self, steps: Sequence[float], columns: Mapping[str, Sequence[Any]]
    ) -> list[Finding]:
        """Look at a block of records; return what `update` would have, in order of step.

        Args:
            steps: step of each record.
            columns: per metric as many cells as there are steps; None where it is absent.

        Raises:
            ValueError: a column is shorter or longer than `steps`.
        """
        steps, clean = clean_block(steps, columns)
        found: list[Finding] = []
        for start, end in pairwise(self._cuts(steps, clean)):
            if end - start == len(steps):
                return self._extend(steps, clean)
            piece = {name: column[start:end] for name, column in clean.items()}
            found += self._extend(steps[start:end], piece)
        return found

    def restart(self) -> None:
        """Say that the run was interrupted here; a step that falls says so by itself."""
        self._bounds.last = math.inf

    def finish(self) -> Diagnosis:
        """Return what there is to say about the run so far; it may go on afterwards."""
        self._sync()
        watched = dict.fromkeys(name for d in self._detectors.values() for name in d.watched)
        return diagnose(
            self._ledger.groups(),
            {kind: detector.weight for kind, detector in self._detectors.items()},
            records=self._records,
            has_loss=not LOSSES.isdisjoint(self._roles.values()),
            watched=tuple(watched),
        )

    def state_dict(self) -> dict[str, object]:
        """Return all that was learned, of bounded size and as strict JSON."""
        return {
            "version": _VERSION,
            "known": sorted(self._known),
            "bounds": self._bounds.state_dict(),
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
        self._records = state["records"]
        self._ledger.load_state_dict(state["ledger"])
        for kind, detector in self._detectors.items():
            detector.load_state_dict(state["detectors"][kind])

    def _meet(self, names: Iterable[str]) -> None:
        """Learn metrics that were not seen before."""
        self._known.update(names)
        given = {name: role for name, role in self._given.items() if name in self._known}
        self._roles = {**assign(sorted(self._known)), **given}
        self._bounds.follow(name for name, role in self._roles.items() if role == STAGE)
        for detector in self._detectors.values():
            detector.watch(self._roles, total_steps=self._total_steps)

    def _cross(self, step: float, values: Mapping[str, float]) -> None:
        """Tell the detectors if this record lies beyond a boundary."""
        fresh = self._bounds.crossed(step, values)
        if fresh is not None:
            self._note([f for d in self._detectors.values() for f in d.restart(fresh=fresh)])

    def _cuts(self, steps: Sequence[float], columns: Mapping[str, Column]) -> list[int]:
        """Return the rows between which a block can be looked at as one."""
        roles = {name: self._given.get(name, role_of(name)) for name in columns}
        rows = self._bounds.rows(steps, [columns[n] for n in columns if roles[n] == STAGE])
        rows.update(present(columns[name]) or 0 for name in columns.keys() - self._known)
        return sorted({0, len(steps), *rows})

    def _extend(self, steps: Sequence[float], columns: Mapping[str, Column]) -> list[Finding]:
        """Look at records among which only the first can be a boundary or bring new metrics."""
        first = row_of(columns, 0)
        if not first.keys() <= self._known:
            self._meet(first)
        self._cross(steps[0], first)
        self._bounds.last = steps[-1]
        self._records += len(steps)
        changed = [f for d in self._detectors.values() for f in d.extend(steps, columns)]
        return sorted(self._note(changed), key=lambda finding: finding.step)

    def _note(self, changed: list[Finding]) -> list[Finding]:
        """Enter findings into the ledger; return those that are new."""
        return [f for f in changed if self._ledger.put(f, self._bounds.segment)]

    def _sync(self) -> None:
        """Bring the ledger up to date with what lasts."""
        live = [finding for d in self._detectors.values() for finding in d.current()]
        self._note(live)
        self._ledger.close_all_but({(finding.kind, finding.metric) for finding in live})
