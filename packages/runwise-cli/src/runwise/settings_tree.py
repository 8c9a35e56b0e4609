"""A run's configuration as a tree of cells, and as dotted names to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from runwise.curves import is_internal
from runwise_format.redaction import redacted
from runwise_format.tree import leaves

if TYPE_CHECKING:
    from runwise_format.cells import Cell
    from runwise_format.document import Branch

DEEPEST = 12


def tree_of(config: Mapping[str, object]) -> Branch:
    """Return a configuration without the tracker's own entries and without secrets."""
    return redacted(
        {key: _cell(value, 0) for key, value in config.items() if not is_internal(key)}
    )


def flat(config: Mapping[str, object]) -> dict[str, Cell]:
    """Return a configuration as dotted names and values.

    >>> flat({"optimizer": {"lr": 0.1}, "_wandb": 1})
    {'optimizer.lr': 0.1}
    """
    return {".".join(path): cell for path, cell in leaves(tree_of(config))}


def _cell(value: object, depth: int) -> Cell | Branch:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if depth >= DEEPEST:
        return "..."
    if isinstance(value, Mapping):
        found = cast("Mapping[object, object]", value)
        return {str(key): _cell(inner, depth + 1) for key, inner in found.items()}
    if isinstance(value, Sequence):
        return _listed(cast("Sequence[object]", value), depth)
    return str(value)


def _listed(values: Sequence[object], depth: int) -> Cell | Branch:
    """Return a list of plain values as one text, of others as a branch by position."""
    if all(value is None or isinstance(value, (str, bool, int, float)) for value in values):
        return f"[{', '.join(map(str, values))}]"
    return {str(place): _cell(value, depth + 1) for place, value in enumerate(values)}
