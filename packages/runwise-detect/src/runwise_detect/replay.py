"""Whole curves shown to a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_detect.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_detect.detector import Detector

    Exact = tuple[Sequence[float], Sequence[float]]


def watched(
    detectors: Iterable[Detector],
    curves: Mapping[str, Exact],
    roles: Mapping[str, str],
    total_steps: float | None = None,
) -> Monitor:
    """Return a monitor that has seen exact curves."""
    from runwise_detect.alignment import blocks  # noqa: PLC0415  # not to import the package

    monitor = Monitor(detectors, roles=roles, total_steps=total_steps)
    for steps, columns in blocks(curves):
        monitor.extend(steps, columns)
    return monitor
