"""The ledger: every finding of a run so far, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runwise_detect.finding import SEVERITIES, Finding, Severity
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = 50  # findings kept per kind and metric: the first ones and the last


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one kind on one metric.

    Attributes:
        kind: name of the detector.
        metric: name of the metric.
        count: how many findings there were.
        first: the earliest.
        last: the latest.
        worst: the gravest; among equals the one furthest above its baseline.
    """

    kind: str
    metric: str
    count: int
    first: Finding
    last: Finding
    worst: Finding

    def __str__(self) -> str:
        if self.count == 1:
            return str(self.first)
        worst = self.worst.value if self.worst.worst is None else self.worst.worst
        return (
            f"{self.severity} {self.kind} of {self.metric} x {self.count}, "
            f"first {self.first.onset_step:,g}, last {self.last.onset_step:,g}, "
            f"worst {worst:.4g} at {self.worst.onset_step:,g}"
        )

    @property
    def severity(self) -> Severity:
        """Severity of the worst finding."""
        return self.worst.severity


class Ledger:
    """Findings by kind and metric: exact counts, the first ones, the last and the worst."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Group] = {}
        self._kept: dict[tuple[str, str], list[tuple[int, Finding]]] = {}

    def put(self, finding: Finding, segment: int) -> bool:
        """Take a finding, or what it has become; return whether it is new.

        Kind, metric and onset identify it, and only the last of a kind and metric can change.
        """
        key = (finding.kind, finding.metric)
        group = self._groups.get(key)
        kept = self._kept.setdefault(key, [])
        is_new = group is None or group.last.onset_step != finding.onset_step
        if is_new and len(kept) < _KEPT:
            kept.append((segment, finding))
        else:
            kept[-1] = (segment if is_new else kept[-1][0], finding)
        self._groups[key] = _joined(group, finding, is_new=is_new)
        return is_new

    def close_all_but(self, live: set[tuple[str, str]]) -> None:
        """Close what is open though nobody follows it: its metric is no longer watched."""
        for key, group in self._groups.items():
            if group.last.status == "open" and key not in live:
                end = replace(group.last, status="closed", end_step=group.last.step)
                self.put(end, 0)

    def findings(self) -> list[Finding]:
        """Return the findings kept, in order of segment, step, kind and metric."""
        every = [entry for kept in self._kept.values() for entry in kept]
        every.sort(key=lambda entry: (entry[0], entry[1].step, entry[1].kind, entry[1].metric))
        return [finding for _, finding in every]

    def groups(self) -> list[Group]:
        """Return the groups in the order in which they began."""
        return list(self._groups.values())

    def state_dict(self) -> list[object]:
        """Return all that is kept, as strict JSON."""
        return [
            {"count": group.count, "worst": encode(group.worst), "kept": encode(self._kept[key])}
            for key, group in sorted(self._groups.items(), key=lambda item: item[0])
        ]

    def load_state_dict(self, state: list[Mapping[str, Any]]) -> None:
        """Continue from a `state_dict`."""
        self._groups.clear()
        self._kept.clear()
        for saved in state:
            kept = [(segment, finding) for segment, finding in decode(saved["kept"])]
            first, last, worst = kept[0][1], kept[-1][1], decode(saved["worst"])
            key = (first.kind, first.metric)
            self._groups[key] = Group(*key, saved["count"], first, last, worst)
            self._kept[key] = kept


def _joined(group: Group | None, finding: Finding, *, is_new: bool) -> Group:
    if group is None:
        return Group(finding.kind, finding.metric, 1, finding, finding, finding)
    if is_new:
        worst = finding if _gravity(finding) > _gravity(group.worst) else group.worst
        return replace(group, count=group.count + 1, last=finding, worst=worst)
    onset = finding.onset_step
    first = finding if group.count == 1 else group.first
    worst = finding if group.worst.onset_step == onset else group.worst
    return replace(group, first=first, last=finding, worst=worst)


def _gravity(finding: Finding) -> tuple[int, float]:
    return SEVERITIES.index(finding.severity), finding.statistic or 0.0
