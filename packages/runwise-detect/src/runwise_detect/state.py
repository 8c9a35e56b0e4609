"""State as strict JSON: what a monitor remembers, made of what ``json`` can hold.

JSON has no NaN and no infinity, and serialisers disagree on what to do with them (orjson
writes null). They are written as ``{"float": "nan"}``, and a finding as ``{"finding": {...}}``.
Nothing else that is remembered is a dictionary, so both can be told from data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

from runwise_detect.finding import Finding


def encode(value: object) -> object:
    """Return the value in strict JSON types.

    >>> encode([1.5, float("inf"), None])
    [1.5, {'float': 'inf'}, None]
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, list | tuple):
        return [encode(item) for item in cast("list[object]", value)]
    if isinstance(value, Finding):
        names = Finding.__dataclass_fields__
        return {"finding": {name: encode(getattr(value, name)) for name in names}}
    return value


def decode(value: object) -> Any:
    """Return what was given to `encode`; a tuple comes back as a list.

    >>> decode([1.5, {'float': 'inf'}, None])
    [1.5, inf, None]
    """
    if isinstance(value, list):
        return [decode(item) for item in cast("list[object]", value)]
    if isinstance(value, Mapping):
        ((kind, content),) = cast("Mapping[str, Any]", value).items()
        if kind == "float":
            return float(content)
        return Finding(**{name: decode(item) for name, item in content.items()})
    return value
