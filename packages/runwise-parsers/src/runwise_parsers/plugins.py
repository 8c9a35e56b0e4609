"""Sources that other distributions plug in, found by the files of installed distributions.

    <a directory of sys.path>/<name>-<version>.dist-info/entry_points.txt
        [runwise.sources]
        aim = runwise_aim:Aim

``importlib.metadata`` says the same at ten times the cost (25 ms against 2 ms beside 300
distributions, most of it for its import), and this is looked up for every listing of runs.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.complaint import name_once
from runwise_parsers.guard import Guarded
from runwise_parsers.panel import pattern_of
from runwise_parsers.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUP = "runwise.sources"
"""Entry points by which other distributions add sources."""
_LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Plugin:
    """A source some distribution offers: its name there, and ``module:class``."""

    name: str
    target: str
    distribution: str
    version: str = ""


def offered(places: tuple[str, ...]) -> list[Plugin]:
    """Return what distributions installed in these directories offer, each name once."""
    found: dict[str, Plugin] = {}
    for place in places:
        try:
            names = sorted(os.listdir(place))  # noqa: PTH208  names are all we need
        except OSError:  # an archive, or nothing at all
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                for plugin in _in_distribution(Path(place, name, "entry_points.txt")):
                    found.setdefault(plugin.name, plugin)
    return list(found.values())


def _in_distribution(path: Path) -> Iterator[Plugin]:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  half the time, per distribution
            data = file.read(_LARGEST)
    except OSError:
        return
    if GROUP.encode() not in data:
        return
    distribution, _, version = path.parent.stem.partition("-")
    section = ""
    for line in data.decode("utf-8", "replace").splitlines():
        text = line.strip()
        if text.startswith("["):
            section = text.strip("[] ")
        elif section == GROUP and "=" in text and not text.startswith(("#", ";")):
            name, _, target = text.partition("=")
            target = target.partition("[")[0].strip()
            yield Plugin(name.strip(), target, distribution.replace("_", "-"), version)


@cache
def plugged() -> dict[str, tuple[Plugin, Guarded]]:
    """Return the sources other distributions add, by name; one that fails is left out.

    Each that fails is named in a ``PluginWarning``.
    """
    found: dict[str, tuple[Plugin, Guarded]] = {}
    for plugin in offered(tuple(sys.path)):
        try:
            source = _loaded(plugin)
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            name_once(plugin.name, "failed to load", error)
            continue
        found.setdefault(source.name, (plugin, source))
    return found


def _loaded(plugin: Plugin) -> Guarded:
    """Return the source of a plugin. Raises whatever is wrong with it."""
    module, _, attribute = plugin.target.partition(":")
    made: object = import_module(module)
    for part in attribute.split("."):
        made = getattr(made, part)
    source: object = made() if isinstance(made, type) else made
    if not isinstance(source, Source):
        raise TypeError(f"{plugin.target} is no Source")
    pattern_of(source)
    return Guarded(source)
