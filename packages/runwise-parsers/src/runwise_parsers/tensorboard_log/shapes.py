"""Shapes: how records look whose numbers can be read a thousand at a time.

A scalar is logged again and again in records that differ in the time, the step, the numbers and
the checksum alone. Where these lie is a record's shape; the bytes between them, tags included,
are its form. Records of one shape and form say the same, up to these numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from runwise_parsers.tensorboard_log.crc import crc32c, rotated
from runwise_parsers.tensorboard_log.events import SCALAR, Event
from runwise_parsers.tensorboard_log.framing import HEAD, TAIL

LONGEST = 4096
"""Bytes of a record beyond which there is no gain in shapes."""
WIDTHS = {"f": 4, "d": 8, "i": 4, "q": 8}
"""Bytes of the kinds of numbers that can be read together."""
_LONGEST_STEP = 8
_STEP_TAG = b"\x10"
"""What stands behind the time where there is a step."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Offsets in a record, its frame included: of the time, the step's varint, the numbers."""

    size: int
    wall: int
    step: tuple[int, int]
    cells: tuple[tuple[int, str], ...]

    def fits_step(self, skeleton: bytes) -> bool:
        """Say whether the step of a record ends where this shape says it does, or is missing."""
        begin, end = self.step
        if begin == end:
            return skeleton[self.wall + 8 : self.wall + 9] != _STEP_TAG
        return skeleton[begin:end] == b"\x80" * (end - begin - 1) + b"\0"

    @property
    def free(self) -> list[int]:
        """The offsets of all bytes of time and numbers."""
        spans = [(self.wall, 8), *((at, WIDTHS[code]) for at, code in self.cells)]
        return [at for begin, width in spans for at in range(begin, begin + width)]


@dataclass(frozen=True, slots=True)
class Form:
    """What the records of one shape and form have in common: tags, and their part of the sum.

    ``base`` is the rotated checksum of the form with zeros in place of all numbers.
    """

    tags: tuple[str, ...]
    base: bytes


def shape_of(event: Event, size: int) -> Shape | None:
    """Return the shape of a record with this event, ``None`` if it has to be read by itself."""
    kinds = {one.kind for one in event.values}
    numbers = [number for _, number in event.scalars]
    begin, end = event.step_at
    if size > LONGEST or kinds != {SCALAR} or event.wall_at < 0 or end - begin > _LONGEST_STEP:
        return None
    if not all(number.code in WIDTHS for number in numbers):
        return None
    return Shape(
        size,
        HEAD + event.wall_at,
        (HEAD + begin, HEAD + end) if end else (0, 0),
        tuple((HEAD + number.at, number.code) for number in numbers),
    )


def form_of(event: Event, shape: Shape, skeleton: bytes) -> Form:
    """Return the form of records that have this skeleton: zeros in place of numbers."""
    bare = bytearray(skeleton)
    for at in range(*shape.step):
        bare[at] = 0
    base = rotated(crc32c(bytes(bare[HEAD : shape.size - TAIL])))
    return Form(tuple(tag for tag, _ in event.scalars), base.to_bytes(4, "little"))
