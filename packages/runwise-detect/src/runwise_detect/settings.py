"""Settings: detectors from plain data, as a configuration file holds them.

    {
        "preset": "finetune",
        "loss_spike": {"times": 1.5},
        "plateau": false,
        "metrics": {"aux/*": {"loss_spike": {"times": 3}}, "aux/kl": {"divergence": false}}
    }

A kind is followed by its settings, or by false to switch it off. What is said under
``metrics`` holds for metrics by name or glob; of several that match, what is more specific
wins: an exact name, then the glob with more characters that are no wildcards. A preset
(`runwise_detect.presets`) comes first, and everything else is put on top. The thresholds of
runwise 0.5 are understood too (`runwise_detect.thresholds`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

from runwise_detect.presets import PRESETS
from runwise_detect.registry import find_detector, known_detectors
from runwise_detect.setting import unknown
from runwise_detect.thresholds import THRESHOLDS, translated

if TYPE_CHECKING:
    from runwise_detect.detector import Detector

Said = Mapping[str, Any]
Wishes = dict[str, dict[str, Any]]


def detectors(settings: Said) -> list[Detector]:
    """Return the detectors that settings ask for, for `Monitor` and `analyze`.

    Raises:
        ValueError: a kind, a setting or a preset is unknown (the message names the nearest),
            or a value is of the wrong type or out of bounds.

    >>> [one.name for one in detectors({"plateau": False, "preset": "gan"})]
    ['exploding_gradient', 'loss_spike', 'non_finite', 'oscillation', 'stall', \
'throughput_drop', 'vanishing_gradient']
    """
    said = _merged(settings)
    kinds = {**known_detectors(), **{k: _kind(k) for k in said if k != "metrics"}}
    found: list[Detector] = []
    for name, kind in kinds.items():
        wish = said.get(name, {})
        if wish is False:
            continue
        detector = kind(**_checked(name, kind, {} if wish is True else wish))
        for pattern, wishes in said.get("metrics", {}).items():
            if name in wishes:
                own = wishes[name]
                detector.override(pattern, own if own is False else _checked(name, kind, own))
        found.append(detector)
    return found


def schema() -> dict[str, dict[str, dict[str, Any]]]:
    """Return every setting of every kind: what it is about, its default and its bounds.

    >>> schema()["loss_spike"]["window"]["default"]
    64
    """
    return {
        name: {
            one.name: {"default": one.default, **one.metadata}
            for one in fields(cast("Any", kind))
            if "low" in one.metadata
        }
        for name, kind in known_detectors().items()
    }


def _merged(settings: Said) -> dict[str, Any]:
    """Return preset, old thresholds and settings as one; the later ones win."""
    preset = settings.get("preset")
    if preset is not None and preset not in PRESETS:
        raise unknown("preset", preset, PRESETS)
    old = {name: value for name, value in settings.items() if name in THRESHOLDS}
    plain = {n: v for n, v in settings.items() if n not in THRESHOLDS and n != "preset"}
    said: dict[str, Any] = {}
    for part in (PRESETS[preset] if preset else {}, translated(old), plain):
        for name, wish in part.items():
            before = said.get(name)
            both = isinstance(before, Mapping) and isinstance(wish, Mapping)
            said[name] = {**cast("Said", before), **wish} if both else wish
    metrics = said.get("metrics", {})
    if not isinstance(metrics, Mapping):
        raise _wrong(f"metrics: must map names or globs to settings, not {metrics!r}")
    for pattern, wishes in cast("Said", metrics).items():
        if not isinstance(wishes, Mapping):
            raise _wrong(f"metrics: {pattern!r} must map kinds to settings, not {wishes!r}")
        for name in cast("Said", wishes):
            _kind(name)
    return said


def _kind(name: str) -> type[Detector]:
    try:
        return find_detector(name)
    except LookupError:
        raise unknown("kind", name, [*known_detectors(), "metrics", "preset"]) from None


def _checked(name: str, kind: type[Detector], wish: Any) -> dict[str, Any]:
    """Return settings of a kind, all known."""
    if not isinstance(wish, Mapping):
        raise _wrong(f"{name}: settings must be a mapping, or false, not {wish!r}")
    known = {one.name for one in fields(cast("Any", kind)) if one.init}
    for key in cast("Said", wish):
        if key not in known:
            raise unknown(f"{name}: setting", key, known)
    return dict(cast("Said", wish))


def _wrong(problem: str) -> ValueError:
    """Return an error in what was said, whatever its type: callers catch one kind."""
    return ValueError(problem)
