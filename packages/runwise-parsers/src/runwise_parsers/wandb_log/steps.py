"""The step of every row of a W&B history.

It is an item like others, ``_step``, and stands once more beside the items, where zero is not
written. Some writers leave the item out. In shared mode, where several processes write one run
and the server numbers the rows, they hold neither: such rows are counted.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_parsers.leveldb.wire import fields, first, signed, to_varint
from runwise_parsers.values import numbers
from runwise_parsers.wandb_log.items import Item, body_of

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = "_step"
_STEP = Item((STEP,), STEP)
_PROBES = 8
_BESIDE = 2
"""The field that holds the step beside the items."""


def steps_of(rows: Sequence[bytes]) -> array[float]:
    """Return the step of every row.

    W&B's steps only rise. Where first and last step of a window lie as far apart as there are
    rows, all between are known; a few are looked at nevertheless.
    """
    count = len(rows)
    begin = step_of(rows[0])
    probes = {count * number // _PROBES for number in range(_PROBES)} | {count - 1}
    if all(step_of(rows[row]) == begin + row for row in probes):
        return array("d", range(int(begin), int(begin) + count))
    texts = _STEP.numbers.findall(b"".join(rows))
    if len(texts) == count:
        return array("d", numbers(texts))
    return array("d", map(step_of, rows))


def step_of(row: bytes) -> float:
    """Return the step of one row, NaN where it has none."""
    match = _STEP.numbers.search(row)
    if match:
        return float(numbers([match[1]])[0])
    try:
        return _step_beside(row)
    except ValueError:
        return float("nan")


def _step_beside(row: bytes) -> float:
    """Return the step that stands beside a row's items."""
    step = first(body_of(row), _BESIDE)
    beside = [part for number, part in fields(step) if number == 1]
    return float(signed(beside[0])) if beside else 0.0


def has_step(row: bytes) -> bool:
    """Say whether a row holds its step; one that cannot be read is taken to."""
    try:
        return _STEP.numbers.search(row) is not None or any(
            number == _BESIDE for number, _ in fields(body_of(row))
        )
    except ValueError:
        return True


def numbered(rows: Sequence[bytes], first: int) -> list[bytes]:
    """Return rows that hold no step as if they did: counted, beginning with ``first``."""
    return [body_of(row) + _step_field(number) for number, row in enumerate(rows, first)]


def _step_field(step: int) -> bytes:
    number = to_varint(step)
    return bytes((_BESIDE << 3 | 2, len(number) + 1, 1 << 3)) + number
