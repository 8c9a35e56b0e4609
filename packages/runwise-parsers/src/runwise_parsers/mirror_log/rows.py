"""Rows as a mirror keeps them: one JSON object a line, numbers only.

    {"_step": 5, "_timestamp": 1795159686.7, "loss": 0.25, "val.acc": "NaN"}

JSON has no word for NaN and infinity, so these stand as texts that every reader of ours takes
for numbers. Nested numbers get dotted names; an object with a ``_type`` is media, and only noted.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, cast

import orjson

from runwise_parsers.values import as_number, leaves

if TYPE_CHECKING:
    from collections.abc import Mapping

_KIND = "_type"
_NOTHING = b"null"


def line_of(row: Mapping[str, object], media: dict[str, str]) -> bytes:
    r"""Return a row as a line; what is no number is left out, media are noted by their kind.

    >>> line_of({"_step": 1, "loss": float("inf"), "note": "hm", "a": {"b": 2}}, {})
    b'{"_step":1,"loss":"Infinity","a.b":2}\n'
    """
    plain = {
        name: value for name, value in row.items() if type(value) is float or type(value) is int
    }
    try:
        line = orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # half of a surrogate pair in a name, an integer of more than 64 bits
        line = _NOTHING
    if len(plain) == len(row) and _NOTHING not in line:
        return line
    return _spelled(row, media)


def _spelled(row: Mapping[str, object], media: dict[str, str]) -> bytes:
    numbers: dict[str, object] = {}
    for key, value in row.items():
        if isinstance(value, dict) and _KIND in value:
            media[key] = str(cast("dict[str, object]", value)[_KIND])
            continue
        for name, leaf in leaves(cast("object", value), key):
            number = as_number(leaf)
            if number is not None:
                numbers[name.encode("utf-8", "replace").decode()] = _spell(leaf, number)
    return orjson.dumps(numbers, option=orjson.OPT_APPEND_NEWLINE)


def _spell(leaf: object, number: float) -> object:
    if isfinite(number):
        small = type(leaf) is int and abs(number) < float(1 << 53)
        return leaf if small else number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"  # noqa: PLR0124  NaN
