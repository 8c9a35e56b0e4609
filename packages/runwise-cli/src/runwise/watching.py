"""A run as it goes on: what is new each time somebody looks, at the cost of the new bytes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runwise.curves import is_internal, rhythm
from runwise.filters.grammar import FIELDS, Term
from runwise.filters.matching import Facts, compared, holds, spelt
from runwise.gathering import gather
from runwise.paths import exists
from runwise.settings_tree import flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise.learned import Learned
    from runwise.workspace import Workspace
    from runwise_detect.ledger import Group
    from runwise_parsers import Batch, Run, RunInfo, Series

SILENT = 90.0
"""Seconds without a sign of life after which a run that recorded no end has ended."""
USUALLY = 20.0
"""... or so many times its usual interval, if that is longer."""
UNPACED = 300.0
"""... or this long, where nobody knows how often rows come."""
ENDED = ("finished", "failed", "killed")


@dataclass(frozen=True, slots=True)
class Rows:
    """New rows: how many, the newest step, and the newest value of every metric in them."""

    rows: int
    step: float
    metrics: Mapping[str, float]
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A finding that is new, or graver than it was."""

    group: Group


@dataclass(slots=True)
class Watched:
    """One run, and what is known of it so far."""

    workspace: Workspace
    info: RunInfo
    learned: Learned
    interval: float | None = None
    _seen: dict[tuple[str, str], tuple[str, int]] = field(
        default_factory=dict[tuple[str, str], tuple[str, int]]
    )
    _fits: dict[Term, bool] = field(default_factory=dict[Term, bool])

    @classmethod
    def begin(cls, workspace: Workspace, ref: str, until: Sequence[Term]) -> Watched:
        """Return a run with all it logged so far. Raises ``NoRuns`` and ``NoSuchRun``."""
        info, _, _ = workspace.resolve(ref)
        kept = workspace.catalogue.study(
            workspace.logged(info), workspace.open, workspace.settings
        )
        if kept.rows:  # of a sample nobody can go on
            kept.learned.forget()
        one = cls(workspace, info, kept.learned, rhythm(workspace.open(info).tail(50).values()))
        for term in until:
            one._fits[term] = one._holds(term)
        one._new_findings()
        return one

    @property
    def last(self) -> dict[str, float]:
        """The newest value of every metric."""
        return {name: one.last for name, one in self.learned.metrics.items()}

    @property
    def groups(self) -> Sequence[Group]:
        """What is wrong so far."""
        return self.learned.diagnosis().findings

    def look(self, now: float, until: Sequence[Term] = ()) -> list[Rows | Found]:
        """Return what is new, in order; ``now`` is when nothing more had arrived."""
        if not exists(self.info.path):
            return []
        run = self._reopened()
        try:
            news = self._take(run.since(self.learned.cursor), until)
        except ValueError:  # it records now what it only printed before: read that instead
            self.learned.forget()
            news = self._take(run.since(None), until)
        if news is not None and news.time is not None and self.interval is None:
            self.interval = rhythm(run.tail(50).values())
        found = self._new_findings(now if self.info.state == "running" else None)
        return [*([news] if news is not None else []), *found]

    def is_met(self, until: Sequence[Term]) -> bool:
        """Say whether all conditions hold, or held in any row since the beginning."""
        return bool(until) and all(self._fits.get(term) or self._holds(term) for term in until)

    def has_ended(self, now: float) -> bool:
        """Say whether nothing more is to be expected."""
        if self.info.state in ENDED or not exists(self.info.path):
            return True
        if self.info.state == "running":
            return False
        paced = UNPACED if self.interval is None else USUALLY * self.interval
        return now - self._heard() > max(SILENT, paced)

    def _heard(self) -> float:
        """Return when the run was last heard of: by its clock, or, before it has one, its file."""
        if self.info.updated is not None:
            return self.info.updated
        path = self.info.path
        try:
            return max(one.stat().st_mtime for one in (path, *path.glob("*")))
        except OSError:
            return 0.0

    def _reopened(self) -> Run:
        """Open the run as its files are now; it keeps the id it is known by."""
        met = gather([self.info.path], lambda _: True)
        alone = len(met) == 1
        now = next((run for run in met if alone or run.id == self.info.id), self.info)
        self.info = replace(now, id=self.info.id)
        return self.workspace.open(now)

    def _take(self, batches: Iterable[Batch], until: Sequence[Term]) -> Rows | None:
        rows, step, time = 0, 0.0, None
        metrics: dict[str, float] = {}
        for batch in batches:
            self.learned.add(batch)
            shown = {name: one for name, one in batch.columns.items() if len(one)}
            rows += max((len(one) for one in shown.values()), default=0)
            for name, one in shown.items():
                step = max(step, one.steps[-1])
                time = one.times[-1] if one.times is not None else time
                if not is_internal(name):
                    metrics[name] = one.values[-1]
            for term in until:
                self._fits[term] = self._fits.get(term, False) or _anywhere(term, shown)
        return Rows(rows, step, metrics, time) if metrics else None

    def _new_findings(self, now: float | None = None) -> list[Found]:
        found: list[Found] = []
        for group in self.learned.diagnosis(now).findings:
            key, known = (group.kind, group.metric), (group.severity, group.count)
            before = self._seen.get(key)
            if before is None or before[0] != group.severity:
                found.append(Found(group))
            self._seen[key] = known
        return found

    def _holds(self, term: Term) -> bool:
        """Say whether a term holds of the run as it is now."""
        health = self.learned.diagnosis().health if term.field == "health" else None
        config = flat(self.workspace.open(self.info).config()) if "config." in term.field else {}
        return holds(term, self.info, Facts(config, self.last, health), self.info.updated or 0.0)


def _anywhere(term: Term, columns: Mapping[str, Series]) -> bool:
    """Say whether a condition on a metric held in any of these rows: it may be over by now."""
    if term.field in FIELDS:
        return False
    return any(
        compared(term, value) != term.turned
        for name, one in columns.items()
        if name == term.field or spelt(name) == spelt(term.field)
        for value in one.values
    )
