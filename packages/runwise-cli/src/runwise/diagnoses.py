"""A diagnosis as strict JSON, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise_detect import Diagnosis
from runwise_detect.ledger import Group
from runwise_detect.state import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping


def plain(found: Diagnosis) -> dict[str, object]:
    """Return a diagnosis as strict JSON."""
    groups = [
        [one.kind, one.metric, one.count, one.first, one.last, one.worst] for one in found.findings
    ]
    return {
        "findings": encode(groups),
        "health": found.health,
        "deductions": [list(one) for one in found.deductions],
        "reason": found.reason,
        "watched": list(found.watched),
    }


def diagnosis_of(plain: Mapping[str, Any]) -> Diagnosis:
    """Return what ``plain`` was given. Raises ``KeyError`` or ``TypeError`` for anything else."""
    return Diagnosis(
        tuple(Group(*one) for one in decode(plain["findings"])),
        plain["health"],
        tuple((reason, points) for reason, points in plain["deductions"]),
        plain["reason"],
        tuple(plain["watched"]),
    )
