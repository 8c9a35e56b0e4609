"""A finished run: whole curves in, a diagnosis out, through the same detectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from runwise_detect.registry import known_detectors
from runwise_detect.replay import watched
from runwise_detect.roles import assign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from runwise_detect.detector import Detector
    from runwise_detect.diagnosis import Diagnosis
    from runwise_detect.sketched import Sketched

    Exact = tuple[Sequence[float], Sequence[float]]
    Window = Callable[[Sequence[str], float, float], Mapping[str, Exact]]


def analyze(
    curves: Mapping[str, Exact | Sketched],
    *,
    detectors: Iterable[Detector] | None = None,
    roles: Mapping[str, str] | None = None,
    total_steps: float | None = None,
    window: Window | None = None,
) -> Diagnosis:
    """Judge whole curves, or sketches of them.

    Args:
        curves: steps and values of each metric, on steps of its own. Steps rise, except
            where the run was restarted. A curve that is too long may be a sketch instead
            (see `runwise_detect.sketched`), or one for each stretch of it.
        detectors: what to look for, as for `Monitor`; they are used up.
        roles: role of a metric by name, where the name alone would mislead.
        total_steps: planned length of the run, where it is known.
        window: gives the exact curves of some metrics between two steps. With it a jump that a
            sketch tells of gets its exact steps; without, they are approximate and say so.

    Returns:
        What a `Monitor` with these detectors says of the same records.

    Raises:
        ValueError: a curve has more steps than values, or fewer.

    >>> steps = range(100)
    >>> loss = [2.0 + 0.01 * (step % 7) for step in steps]
    >>> loss[70] = float("inf")
    >>> diagnosis = analyze({"train/loss": (steps, loss), "lr": ([0, 50], [0.1, 0.01])})
    >>> diagnosis.health, diagnosis.deductions
    (64, (('critical non_finite of train/loss', 36),))
    >>> print(diagnosis.findings[0].first)
    critical non_finite of train/loss at step 70: it is +Inf; the last finite value was 2.06. Go \
back to the last good checkpoint; lower the learning rate, clip the gradients, and look for a \
log, a division or a half-precision overflow.
    """
    known = {**assign(curves), **(roles or {})}
    listed = detectors
    if listed is None:
        listed = [kind() for kind in known_detectors().values()]
    pairs = [curve for curve in curves.values() if _is_exact(curve)]
    if len(pairs) == len(curves):
        exact = cast("Mapping[str, Exact]", curves)
        return watched(listed, exact, known, total_steps).finish()
    from runwise_detect.from_sketches import judged  # noqa: PLC0415  # few need it

    return judged(list(listed), curves, known, total_steps, window)


def _is_exact(curve: Any) -> bool:
    """Whether a curve is a pair of columns, and not a sketch or several of them."""
    return isinstance(curve, tuple) and not hasattr(cast("Sequence[Any]", curve)[0], "buckets")
