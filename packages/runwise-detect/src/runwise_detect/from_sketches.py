"""Sketches of a finished run: judged from what is left, and confirmed where it can be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runwise_detect import sketched
from runwise_detect.diagnosis import diagnose
from runwise_detect.replay import watched as watched_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runwise_detect.detector import Detector
    from runwise_detect.diagnosis import Diagnosis
    from runwise_detect.finding import Finding
    from runwise_detect.ledger import Group

    Exact = tuple[Sequence[float], Sequence[float]]
    Window = Callable[[Sequence[str], float, float], Mapping[str, Exact]]

_BEFORE = 200  # values before a finding that an exact window has to hold


def judged(
    detectors: list[Detector],
    curves: Mapping[str, Any],
    roles: Mapping[str, str],
    total_steps: float | None,
    window: Window | None,
) -> Diagnosis:
    """Judge levels and peaks apart, then say it as one; some curves may be exact.

    Args:
        detectors: what to look for.
        curves: sketches, or steps and values, by metric.
        roles: role of every metric that has one.
        total_steps: planned length of the run, where it is known.
        window: gives exact curves between two steps, see `runwise_detect.analyze`.
    """
    summaries: dict[str, sketched.Sketched] = {
        name: curve for name, curve in curves.items() if sketched.is_sketched(curve)
    }
    groups: list[Group] = []
    watched: dict[str, None] = {}
    for tell, mine in (
        (sketched.levels, [one for one in detectors if not one.looks_at_peaks]),
        (sketched.peaks, [one for one in detectors if one.looks_at_peaks]),
    ):
        told = {name: tell(curve) for name, curve in summaries.items()}
        monitor = watched_by(mine, {**curves, **told}, roles, total_steps)
        groups += monitor.groups()
        watched.update(dict.fromkeys(monitor.finish().watched))
    exact = [len(curve[0]) for name, curve in curves.items() if name not in summaries]
    sizes = [sketched.size(curve) for curve in summaries.values()]
    kinds = {detector.name: detector for detector in detectors}
    return diagnose(
        [_placed(group, summaries, kinds[group.kind], roles, window) for group in groups],
        {name: detector.weight for name, detector in kinds.items()},
        records=max([*exact, *sizes]),
        roles=roles,
        watched=tuple(watched),
    )


def _placed(
    group: Group,
    summaries: Mapping[str, sketched.Sketched],
    detector: Detector,
    roles: Mapping[str, str],
    window: Window | None,
) -> Group:
    """Return a group whose places are exact, or marked as approximate."""
    curve = summaries.get(group.metric)
    if curve is None or sketched.is_lossless(curve):
        return group
    known: dict[float, Finding] = {}
    for finding in (group.first, group.last, group.worst):
        if finding.onset_step not in known:
            found = None
            if window is not None and (detector.looks_at_peaks or group.kind == "non_finite"):
                found = _confirmed(finding, curve, type(detector), roles, window)
            known[finding.onset_step] = found or replace(finding, approximate=True)
    first, last, worst = (known[one.onset_step] for one in (group.first, group.last, group.worst))
    return replace(group, first=first, last=last, worst=worst)


def _confirmed(
    finding: Finding,
    curve: sketched.Sketched,
    kind: type[Detector],
    roles: Mapping[str, str],
    window: Window,
) -> Finding | None:
    """Return the finding as an exact window of the run tells it, or None if that does not."""
    buckets = sketched.buckets_of(curve)
    around = sketched.bucket_at(curve, finding.onset_step)
    width = around.last_step - around.first_step if around else 0.0
    span = abs(buckets[-1].last_step - buckets[0].first_step)
    before = _BEFORE * span / max(1, sketched.size(curve))
    end = finding.step if finding.end_step is None else finding.end_step
    exact = window([finding.metric], finding.onset_step - before - width, end + before + width)
    found = watched_by([kind()], exact, roles).findings
    near = [
        one
        for one in found
        if one.kind == finding.kind
        and one.metric == finding.metric
        and abs(one.onset_step - finding.onset_step) <= 2 * width + 2
    ]
    return min(near, key=lambda one: abs(one.onset_step - finding.onset_step), default=None)
