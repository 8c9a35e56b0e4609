"""The shelf of detectors: a listing of the folder, and other packages on request.

A package offers a detector of its own under the entry point group ``runwise.detectors``,
named after its kind. Those are looked up only for a kind the folder does not have, because
reading the entry points of an environment costs more than a whole run of a short loop.
"""

from __future__ import annotations

import importlib
import pkgutil

from runwise_detect import detectors
from runwise_detect.detector import Detector

GROUP = "runwise.detectors"


def known_kinds() -> list[str]:
    """Return the kinds of this package in alphabetical order; none of them is imported.

    >>> known_kinds()
    ['divergence', 'exploding_gradient', ..., 'vanishing_gradient']
    """
    return sorted(module.name for module in pkgutil.iter_modules(detectors.__path__))


def known_detectors() -> dict[str, type[Detector]]:
    """Return the detectors of this package by kind, in alphabetical order.

    >>> sorted(known_detectors()) == known_kinds()
    True
    """
    return {name: _only_detector(name) for name in known_kinds()}


def find_detector(kind: str) -> type[Detector]:
    """Return the detector of a kind, of this package or of another one that is installed.

    Raises:
        LookupError: nobody offers it. The message names those that exist.
    """
    known = known_detectors()
    if kind in known:
        return known[kind]
    from importlib.metadata import entry_points  # noqa: PLC0415  # 36 ms, needed only here

    for entry in entry_points(group=GROUP, name=kind):
        return entry.load()
    raise LookupError(f"no detector is called {kind!r}; there are {', '.join(known)}")


def _only_detector(name: str) -> type[Detector]:
    module = importlib.import_module(f"{detectors.__name__}.{name}")
    for member in vars(module).values():
        # The name first: in Python 3.10 an alias such as list[int] passes for a type.
        if getattr(member, "name", None) != name or not isinstance(member, type):
            continue
        if issubclass(member, Detector):
            return member
    raise LookupError(f"detectors/{name}.py has no detector with the name {name!r}")
