"""Walk a tree leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runwise_format.cells import Cell
    from runwise_format.document import Branch


def leaves(root: Branch, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Cell]]:
    """Yield the path and value of every leaf, in order; an empty branch is a leaf ``None``."""
    for name, value in root.items():
        if not isinstance(value, Mapping):
            yield (*path, name), value
        elif value:
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), None


def grow(pairs: Iterable[tuple[tuple[str, ...], Cell]]) -> Branch:
    """Return the tree that has these leaves."""
    root: dict[str, Any] = {}
    for path, value in pairs:
        branch = root
        for name in path[:-1]:
            branch = branch.setdefault(name, {})
        branch[path[-1]] = value
    return root
