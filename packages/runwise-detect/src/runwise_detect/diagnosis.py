"""What is said about a run as a whole: grouped findings and a health score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_detect.finding import SEVERITIES
from runwise_detect.roles import LOSSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise_detect.ledger import Group

ENOUGH = 30  # records below which a run is not scored
_REPEATS = 3  # findings of a group that lower the score, each half as much as the one before


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with a run, most important first.

    Attributes:
        findings: one group per kind and metric: how many there were, the first, the last and
            the worst of them. Graver kinds come first, then those that began earlier.
        health: 0 (lost) to 100 (nothing found), or None where there is too little to judge.
        deductions: what the health was lowered by, as (reason, points); with `health` they
            add up to 100. Findings of severity ``info`` cost nothing.
        reason: why `health` is None, or None.
        watched: metrics whose curves were judged; NaN and infinities are looked for in all.
    """

    findings: tuple[Group, ...]
    health: int | None
    deductions: tuple[tuple[str, int], ...]
    reason: str | None
    watched: tuple[str, ...]


def diagnose(
    groups: Sequence[Group],
    weights: Mapping[str, float],
    *,
    records: int,
    roles: Mapping[str, str],
    watched: tuple[str, ...],
) -> Diagnosis:
    """Order the groups and score the run.

    Args:
        groups: findings by kind and metric.
        weights: share of the score that a warning of each kind costs.
        records: how many records were seen.
        roles: role of every metric that has one.
        watched: metrics whose curves were judged.
    """
    ordered = sorted(groups, key=lambda group: _importance(group, weights, roles))
    reason = _too_little(records, has_loss=not LOSSES.isdisjoint(roles.values()))
    if reason is not None:
        return Diagnosis(tuple(ordered), None, (), reason, watched)
    deductions = _deductions(ordered, weights)
    health = 100 - sum(points for _, points in deductions)
    return Diagnosis(tuple(ordered), health, deductions, None, watched)


def _importance(
    group: Group, weights: Mapping[str, float], roles: Mapping[str, str]
) -> tuple[object, ...]:
    """Graver kinds first, then what began earlier; of what began together, the loss."""
    grave, weight = SEVERITIES.index(group.severity), weights.get(group.kind, 0.0)
    aside = roles.get(group.metric) not in LOSSES
    return -grave, -weight, group.first.onset_step, aside, group.kind, group.metric


def _too_little(records: int, *, has_loss: bool) -> str | None:
    if records < ENOUGH:
        return f"{records} records are too few to judge; {ENOUGH} are needed"
    return None if has_loss else "none of the metrics is known to be a loss"


def _deductions(
    groups: Sequence[Group], weights: Mapping[str, float]
) -> tuple[tuple[str, int], ...]:
    """Return what each group takes off 100, in whole points that add up.

    A group leaves the product over its first findings j = 0, 1, 2 of (1 - w s r / 2^j): w is
    the weight of the kind, s is 1.2 if critical, r is one half if it has recovered.
    """
    taken: list[tuple[str, int]] = []
    left = 100.0
    for group in groups:
        if group.severity == "info":
            continue
        before = round(left)
        share = weights.get(group.kind, 0.0) * (1.2 if group.severity == "critical" else 1.0)
        share *= 0.5 if group.last.status == "recovered" else 1.0
        for repeat in range(min(group.count, _REPEATS)):
            left *= 1.0 - min(1.0, share / 2**repeat)
        times = f" x{group.count}" if group.count > 1 else ""
        reason = f"{group.severity} {group.kind} of {group.metric}{times}"
        taken.append((reason, before - round(left)))
    return tuple(taken)
