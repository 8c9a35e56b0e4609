"""Hyperparameters that were flattened when they were logged, nested again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping


def nested(pairs: Mapping[str, object], border: str) -> dict[str, object]:
    """Return values by the parts of their names.

    A name below one that has a value itself stays as it is.

    >>> nested({"lr": 1, "model|depth": 3, "lr|warm": 5}, "|")
    {'lr': 1, 'model': {'depth': 3}, 'lr|warm': 5}
    """
    config: dict[str, object] = {}
    for name, value in pairs.items():
        parts = name.split(border)
        if any(border.join(parts[:end]) in pairs for end in range(1, len(parts))):
            parts = [name]
        place = config
        for part in parts[:-1]:
            place = cast("dict[str, object]", place.setdefault(part, {}))
        place[parts[-1]] = value
    return config
