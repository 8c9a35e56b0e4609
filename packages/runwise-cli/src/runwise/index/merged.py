"""A long history as its slices taught it: sketches alone, and a diagnosis of these.

Sketches can be added up in any order; what a monitor remembers cannot. So trouble is looked for
in the sketches, and what is found there gets its exact place from a window of the run, as far as
the run can give one without being read again. A finding that was not confirmed so is marked as
approximate; what only a clock tells (stalls, slow stretches) is not looked for. Nothing of it
depends on how many processes there were, nor on what was known before: a run that went on is
judged anew from its sketches, at the cost of its new bytes and of some windows. What somebody
who watches the run adds before that, a monitor watches by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from runwise.curves import lasting, monitor_for
from runwise.index.part import sketches_of
from runwise.learned import Learned
from runwise_detect import Diagnosis, analyze
from runwise_detect.finding import SEVERITIES
from runwise_detect.settings import detectors

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from runwise_detect.ledger import Group
    from runwise_parsers import Run

    Exact = tuple[array[float], array[float]]

_NOTHING = Diagnosis((), None, (), None, ())


@dataclass
class Merged(Learned):
    """Sketches of all of a run, with what was ``found`` in them."""

    found: Diagnosis = field(default=_NOTHING, init=False)

    def judge(self, run: Run) -> None:
        """Look for trouble in the sketches, and at the exact rows where some is."""

        def window(names: Sequence[str], first: float, last: float) -> dict[str, Exact]:
            found = run.window(names, first, last)
            return {name: (one.steps, one.values) for name, one in found.items()}

        curves: dict[str, Any] = sketches_of(self.metrics)
        found = analyze(
            curves,
            detectors=detectors(self.wishes) if self.wishes else None,
            roles=self.given,
            total_steps=self.total_steps,
            window=None if self._falls(run) else window,
        )
        self.found = replace(found, findings=tuple(map(_said, found.findings)))
        self.monitor = monitor_for(self.given, self.total_steps, self.wishes)

    def forget(self) -> None:
        """Begin anew."""
        super().forget()
        self.found = _NOTHING

    def diagnosis(self, now: float | None = None) -> Diagnosis:
        """Return what was found, and what has come to pass since; ``now``: it still runs."""
        if now is not None:
            self.monitor.tick(now)
        groups = {(one.kind, one.metric): one for one in self.found.findings}
        for new in self.monitor.groups():
            key = new.kind, new.metric
            groups[key] = _joined(groups[key], new) if key in groups else new
        return lasting(replace(self.found, findings=tuple(groups.values())))

    def _falls(self, run: Run) -> bool:
        """Say whether a window costs a whole pass: one file, in which steps do not rise."""
        return len(run.info.segments) == 1 and (self.segment or 0) > 0


def _said(group: Group) -> Group:
    """Return findings that say in words where their steps are but bounds of a place."""
    first, last, worst = (
        replace(one, message=f"{one.message} (approximate step)") if one.approximate else one
        for one in (group.first, group.last, group.worst)
    )
    return replace(group, first=first, last=last, worst=worst)


def _joined(known: Group, new: Group) -> Group:
    graver = SEVERITIES.index(new.severity) > SEVERITIES.index(known.severity)
    worst = new.worst if graver else known.worst
    return replace(known, count=known.count + new.count, last=new.last, worst=worst)
