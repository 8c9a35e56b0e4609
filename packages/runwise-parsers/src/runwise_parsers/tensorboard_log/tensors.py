"""Scalars in tensors, as TensorFlow 2 and PyTorch's ``new_style`` log them.

    TensorProto := dtype(1) shape(2) content(4) | float_val(5) double_val(6) int_val(7) ...
    shape := dim(2)*        dim := size(1)

A number stands either in ``content``, as the machine keeps it, or in the list of its type,
packed or not. A list that is missing is all zeros.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.wire import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Field,
    fields,
    signed,
    varint,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable

STRING = 7
"""The type of texts."""
_CONTENT, _STRING_VALUES = 4, 8
_WIDTHS = {FIXED64: 8, FIXED32: 4}


@dataclass(frozen=True, slots=True)
class _Type:
    """A type of numbers: its code for ``struct``, and the field of its values."""

    code: str
    values: int
    fixed: bool = False


_HALF, _BRAIN = 19, 14
_TYPES = {
    1: _Type("f", 5, fixed=True), 2: _Type("d", 6, fixed=True), 3: _Type("i", 7),
    4: _Type("B", 7), 5: _Type("h", 7), 6: _Type("b", 7), 9: _Type("q", 10), 10: _Type("?", 11),
    _BRAIN: _Type("H", 13), 17: _Type("H", 7), _HALF: _Type("H", 13), 22: _Type("I", 16),
    23: _Type("Q", 17),
}  # fmt: skip


@dataclass(slots=True)
class Tensor:
    """A tensor: its type, how many elements it has, and where their bytes lie."""

    type: int = 0
    elements: int = 1
    content: Field | None = None
    lists: dict[int, list[Field]] = field(default_factory=dict[int, "list[Field]"])


@dataclass(frozen=True, slots=True)
class Number:
    """A scalar. ``at`` and ``code`` say where it lies, if it is of a fixed width."""

    value: float
    at: int = 0
    code: str = ""


def read_tensor(data: bytes, begin: int, end: int) -> Tensor:
    """Return the tensor between two offsets of a record."""
    tensor = Tensor()
    for one in fields(data, begin, end):
        if one.number == 1 and one.kind == VARINT:
            tensor.type = whole(data, one)
        elif one.number == 2 and one.kind == BYTES:
            tensor.elements = _elements(data, one)
        elif one.number == _CONTENT and one.kind == BYTES and one.end > one.begin:
            tensor.content = one
        else:
            tensor.lists.setdefault(one.number, []).append(one)
    return tensor


def _elements(data: bytes, shape: Field) -> int:
    count = 1
    for dimension in fields(data, shape.begin, shape.end):
        if dimension.number == 2 and dimension.kind == BYTES:
            sizes = [whole(data, one) for one in fields(data, dimension.begin, dimension.end)
                     if one.number == 1 and one.kind == VARINT]  # fmt: skip
            count *= signed(sizes[-1]) if sizes else 0
    return count


def scalar_in(data: bytes, tensor: Tensor) -> Number | None:
    """Return the number a tensor holds, ``None`` if it holds none or several."""
    known = _TYPES.get(tensor.type)
    if known is None or tensor.elements != 1:
        return None
    if tensor.content is not None:
        return _from_content(data, tensor, known)
    for one in tensor.lists.get(known.values, [])[:1]:
        return _fixed(data, one, known) if known.fixed else _counted(data, one, tensor.type)
    return Number(0.0)


def _from_content(data: bytes, tensor: Tensor, known: _Type) -> Number | None:
    content = tensor.content
    width = struct.calcsize(f"<{known.code}")
    if content is None or content.end - content.begin != width:
        return None
    return _number(data, content.begin, known.code, tensor.type)


def _fixed(data: bytes, values: Field, known: _Type) -> Number | None:
    """Return the first of floats or doubles; packed or not, they look the same."""
    width = struct.calcsize(f"<{known.code}")
    if values.end - values.begin < width or _WIDTHS.get(values.kind, width) != width:
        return None
    return _number(data, values.begin, known.code, 0)


def _counted(data: bytes, values: Field, kind: int) -> Number | None:
    """Return the first of numbers that the wire keeps as varints."""
    if values.kind not in (VARINT, BYTES):
        return None
    if values.begin == values.end:
        return Number(0.0)
    number = varint(data, values.begin, values.end)[0]
    if kind in _SMALL_FLOATS:
        return Number(_SMALL_FLOATS[kind](number & 0xFFFF))
    return Number(float(number if kind == 23 else signed(number)))


def _number(data: bytes, at: int, code: str, kind: int) -> Number:
    (value,) = struct.unpack_from(f"<{code}", data, at)
    if kind in _SMALL_FLOATS:
        return Number(_SMALL_FLOATS[kind](value))
    return Number(float(value), at, code)


def _half(bits: int) -> float:
    return struct.unpack("<e", bits.to_bytes(2, "little"))[0]


def _brain(bits: int) -> float:
    """Return a bfloat16: the upper half of a float."""
    return struct.unpack("<f", b"\0\0" + bits.to_bytes(2, "little"))[0]


_SMALL_FLOATS: dict[int, Callable[[int], float]] = {_HALF: _half, _BRAIN: _brain}


def texts_in(data: bytes, tensor: Tensor) -> list[bytes]:
    """Return the texts a tensor holds."""
    found = tensor.lists.get(_STRING_VALUES, []) if tensor.type == STRING else []
    return [data[one.begin : one.end] for one in found if one.kind == BYTES]
