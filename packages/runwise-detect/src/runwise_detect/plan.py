"""The plan of a monitor: who takes which metric, so that a record costs little.

Most detectors do no more than hand each curve its value. The plan does that for all of them at
once, and lets those that look at chunks of the same curve share them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from runwise_detect.chunks import Chunker
    from runwise_detect.detector import Columns, Detector
    from runwise_detect.finding import Finding

    Take = Callable[[float, float], "Finding | list[Finding] | None"]


class Plan:
    """Hands the values of a record to those who want them."""

    def __init__(self) -> None:
        self._feeds: list[tuple[str, tuple[Take, ...]]] = []
        self._chunkers: dict[tuple[str, int], Chunker] = {}
        self._others: list[Callable[[float, Mapping[str, float]], list[Finding]]] = []

    def draw(self, detectors: Iterable[Detector]) -> None:
        """Plan anew; needed whenever what the detectors watch has changed."""
        # Those whose feeds depend on one another come first: they set the order of metrics.
        ordered = sorted(detectors, key=lambda detector: not detector.in_order)
        self._share(ordered)
        self._others = [one.update for one in ordered if one.feeds() is None]
        takers: dict[str, list[Take]] = {}
        for detector in ordered:
            for name, take in detector.feeds() or ():
                takers.setdefault(name, []).append(take)
        for (name, _), chunker in self._chunkers.items():
            takers.setdefault(name, []).append(chunker.update)
        self._feeds = [(name, tuple(several)) for name, several in takers.items()]

    def update(self, step: float, values: Mapping[str, float]) -> list[Finding]:
        """Hand out a record; return what was found."""
        changed: list[Finding] = []
        for name, takers in self._feeds:
            if name in values:
                value = values[name]
                for take in takers:
                    if (found := take(step, value)) is not None:
                        changed += found if isinstance(found, list) else [found]
        for update in self._others:
            changed += update(step, values)
        return changed

    def extend_chunks(self, steps: Sequence[float], columns: Columns) -> list[Finding]:
        """Hand columns to the chunkers, of which no detector takes care."""
        found: list[Finding] = []
        for (name, _), chunker in self._chunkers.items():
            if name in columns:
                found += chunker.extend(steps, columns[name])
        return found

    def _share(self, detectors: Iterable[Detector]) -> None:
        """Let all who look at chunks of a curve listen to one chunker."""
        from runwise_detect.chunks import Chunked  # noqa: PLC0415  # not to import the package
        from runwise_detect.curves import CurveDetector  # noqa: PLC0415

        known, self._chunkers = self._chunkers, {}
        for chunker in known.values():
            chunker.listeners = []
        for detector in detectors:
            if not isinstance(detector, CurveDetector):
                continue
            for name, curve in detector.curves.items():
                if isinstance(curve, Chunked):
                    key = (name, curve.size)
                    chunker = self._chunkers.setdefault(key, known.get(key, curve.chunker))
                    chunker.is_shared = True
                    curve.join(chunker)
