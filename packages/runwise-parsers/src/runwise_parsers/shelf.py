"""The sources there are: what the folder ``sources/`` holds, and what others plug in."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from runwise_parsers import sources
from runwise_parsers.complaint import name_once
from runwise_parsers.guard import Guarded
from runwise_parsers.plugins import Plugin, plugged
from runwise_parsers.source import Source


@cache
def known_sources() -> dict[str, Source]:
    """Return every source of ours by name, the specific before the generic."""
    found: list[Source] = []
    for module in pkgutil.iter_modules(sources.__path__):
        members = vars(import_module(f"{sources.__name__}.{module.name}")).values()
        found += [
            member()
            for member in members
            if isinstance(member, type)
            and issubclass(member, Source)
            and member.__module__ == f"{sources.__name__}.{module.name}"
        ]
    return {source.name: source for source in sorted(found, key=lambda one: one.order)}


@cache
def plugged_sources() -> dict[str, Source]:
    """Return the sources other distributions add; what fails to load is left out, and named."""
    found: dict[str, Source] = {}
    for name, (plugin, source) in plugged().items():
        if name in known_sources():
            taken = ValueError(f"{plugin.distribution} calls it like one of ours")
            name_once(name, "is left out", taken)
        else:
            found[name] = source
    return found


@cache
def all_sources() -> tuple[Source, ...]:
    """Return all sources in the order in which they are asked, ours first among equals."""
    found = [*known_sources().values(), *plugged_sources().values()]
    return tuple(sorted(found, key=lambda one: one.order))


def origin(source: Source) -> Plugin | None:
    """Return what a plugged source came with, ``None`` for one of ours."""
    known = plugged().get(source.name) if isinstance(source, Guarded) else None
    return known[0] if known else None


def forget() -> None:
    """Look for plugged sources anew: something was installed since."""
    for cached in (plugged, plugged_sources, all_sources):
        cached.cache_clear()
