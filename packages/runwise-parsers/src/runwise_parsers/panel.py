"""The sources that are asked about a directory: those that look for a name in it.

Each source says in a regular expression which names it looks for. All expressions together are
one, tried once on the names of a directory: nearly all directories of a project end there.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runwise_parsers.source import Source

_OUR_FLAGS = re.UNICODE | re.MULTILINE
_BY_NUMBER = re.compile(r"\\[1-9]|\(\?P|\(\?\(")
"""What in a pattern means a group by number or name: it cannot stand in another pattern."""


class Panel:
    """Sources in the order in which they are asked: the specific before the generic.

    Raises ``ValueError`` for a source whose ``looks_for`` is no regular expression.
    """

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.sources = sorted(sources, key=lambda one: one.order)
        self._asked = [(source, pattern_of(source)) for source in self.sources]
        self._always = [source for source, pattern in self._asked if pattern is None]
        patterns = [pattern.pattern for _, pattern in self._asked if pattern is not None]
        joint = [one for one in patterns if not _BY_NUMBER.search(one)]
        self._loners = len(joint) < len(patterns)
        self._joint = re.compile("|".join(joint) or "(?!)", re.MULTILINE)

    def fitting(self, names: str) -> list[Source]:
        """Return the sources that look for one of these names, one a line."""
        if not self._loners and not self._joint.search(names):
            return self._always
        return [source for source, one in self._asked if one is None or one.search(names)]


def pattern_of(source: Source) -> re.Pattern[str] | None:
    """Return what a source looks for, matched against whole lines; ``None`` for everything."""
    told = source.looks_for
    if not told:
        return None
    try:
        if re.compile(told).flags & ~_OUR_FLAGS:
            raise ValueError(f"looks_for of {source.name}: write flags as (?i:...)")
        return re.compile(f"^(?:{told})$", re.MULTILINE)
    except (re.error, TypeError) as error:
        raise ValueError(f"looks_for of {source.name} is no pattern: {error}") from error


@lru_cache(maxsize=64)
def panel_of(sources: tuple[Source, ...]) -> Panel:
    """Return the panel of these sources, made once."""
    return Panel(sources)
