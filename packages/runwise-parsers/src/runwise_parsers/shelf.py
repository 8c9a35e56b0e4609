"""The sources there are: what the folder ``sources/`` holds, and what others plug in."""

from __future__ import annotations

import pkgutil
import warnings
from functools import cache
from importlib import import_module

from runwise_parsers import sources
from runwise_parsers.source import Source

GROUP = "runwise.sources"
"""Entry points by which other distributions add sources."""


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
    """Return the sources other distributions add; one that fails to load is left out.

    Looking for them costs tens of milliseconds, so it is done only when nothing of ours fits.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  costs as much as all we do

    found: dict[str, Source] = {}
    for point in entry_points(group=GROUP):
        try:
            source: Source = point.load()()
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            warnings.warn(f"source {point.name} failed to load: {error}", stacklevel=2)
            continue
        found[source.name] = source
    return found
