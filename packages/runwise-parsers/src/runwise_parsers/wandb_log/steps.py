"""The step of every row of a W&B history.

It is an item like others, ``_step``, and stands once more beside the items, where zero is not
written. Some writers leave the item out.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_parsers.values import numbers
from runwise_parsers.wandb_log.items import Item, body_of
from runwise_parsers.wandb_log.wire import fields, first, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = "_step"
_STEP = Item((STEP,), STEP)
_PROBES = 8


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
    step = first(body_of(row), 2)
    beside = [part for number, part in fields(step) if number == 1]
    return float(signed(beside[0])) if beside else 0.0
