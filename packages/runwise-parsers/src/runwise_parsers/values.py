"""JSON values as W&B and training scripts write them: RFC JSON plus NaN and Infinity."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NON_FINITE = {
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
}
_TRUTH = {b"true": 1.0, b"false": 0.0}
_TOO_DEEP = 64


def loads(text: bytes) -> object:
    """Return a JSON value; bare NaN and Infinity are numbers, bad UTF-8 is replaced.

    Raises ``ValueError`` where the text is no JSON.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            value: object = json.loads(text.decode("utf-8", "replace"))
        except RecursionError as error:
            raise ValueError("nested too deep") from error
        return _encodable(value) if b"\\u" in text else value


def _encodable(value: object) -> object:
    """Replace halves of surrogate pairs, which no encoding takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(one) for one in cast("list[object]", value)]
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return {str(_encodable(key)): _encodable(one) for key, one in pairs}
    return value


def numbers(texts: Sequence[bytes]) -> list[float]:
    """Return JSON numbers as floats, quickly where all of them are finite."""
    try:
        return orjson.loads(b"[" + b",".join(texts) + b"]")
    except orjson.JSONDecodeError:
        return [_number(text) for text in texts]


def _number(text: bytes) -> float:
    if text in _TRUTH:
        return _TRUTH[text]
    try:
        return float(text)
    except ValueError:
        return float("nan")


def as_number(value: object) -> float | None:
    """Return a logged value as a float, ``None`` if it is no number.

    Booleans count as 0 and 1, and the strings "NaN", "Infinity" and "-Infinity", which
    trackers write where JSON has no such number, as what they say.
    """
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return NON_FINITE.get(value) if isinstance(value, str) else None


def leaves(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield the leaves of nested mappings under dotted names."""
    if isinstance(value, dict) and depth < _TOO_DEEP:
        for key, inner in cast("dict[str, object]", value).items():
            yield from leaves(inner, f"{name}.{key}" if name else key, depth + 1)
    else:
        yield name, value
