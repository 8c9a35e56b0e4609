r"""Numbers as loops print them.

    2.31  1e-05  1.0E+01  .9  25,697  nan  -inf  51K  1.2M  14.0%  326ms  tensor(0.53, ...)

A number keeps the value it is printed with: ``14.0%`` is 14 and ``326ms`` is 326. Only counts
that a loop shortened are counts again: ``51K`` is 51,000, while ``1M`` of memory is 1.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER = (
    r"[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
    r"|(?i:nan|inf(?:inity)?))"
)
"""A number; the sign belongs to it."""
END = (
    r"(?=(?i:ms|us|s|secs?|m|mins?|h|hrs?|k|[kmgt]i?b|[mbtgxd]|it/s|s/it|tok/s)?%?"
    r"(?![\w%]|\.\d|:\d|-\d))"
)
"""What stands behind a number: perhaps a unit, and then no letter or digit that belongs to it."""
SCALES = {"K": 1e3, "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_SIZES = ("mem", "ram", "gpu", "cuda", "size", "bytes", "disk")


def scale_behind(name: str, behind: str) -> float:
    """Return what a number called ``name`` is to be multiplied by, given what stands behind it.

    >>> scale_behind("smpl", "K ep:40"), scale_behind("max_mem", "M"), scale_behind("lr", "")
    (1000.0, 1.0, 1.0)
    """
    scale = SCALES.get(behind[:1], 1.0)
    whole = not behind[1:2].isalnum()
    size = any(part in name.lower() for part in _SIZES)
    return scale if whole and not size else 1.0


def numbers(texts: Sequence[bytes]) -> array[float]:
    """Return printed numbers as floats, quickly where they are JSON or all the same."""
    count = len(texts)
    if count and texts.count(texts[0]) == count:
        return array("d", [value_of(texts[0])]) * count
    try:
        return array("d", struct.pack(f"{count}d", *orjson.loads(b"[" + b",".join(texts) + b"]")))
    except (orjson.JSONDecodeError, struct.error):
        return array("d", map(value_of, texts))


def value_of(text: bytes) -> float:
    """Return a printed number; NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(text.replace(b",", b""))
    except ValueError:
        return float("nan")
