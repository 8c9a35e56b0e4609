"""The templates there are: what the folder ``templates/`` holds."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from runwise_parsers.console_log import templates
from runwise_parsers.console_log.template import Template


@cache
def known_templates() -> tuple[Template, ...]:
    """Return all templates, in the order of their files."""
    names = [module.name for module in pkgutil.iter_modules(templates.__path__)]
    found: list[Template] = []
    for name in sorted(names):
        members = vars(import_module(f"{templates.__name__}.{name}")).values()
        found += [member for member in members if isinstance(member, Template)]
    return tuple(found)
