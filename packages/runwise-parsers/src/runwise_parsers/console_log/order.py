"""What orders a log's rows: the step they print, or an epoch and a batch in it, or an epoch.

A log has one axis, decided on a sample of it. Where lines print a step, those that print only an
epoch (evaluations, summaries) belong to the step before them. Where the epoch stands in a heading
or nowhere, it is remembered from line to line, and a batch that falls begins another.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runwise_parsers.json_log.steps import Position

Values = dict[str, float]
"""What a row says of its place, by role."""
Columns = Mapping[str, "array[float]"]
"""What rows of one kind say of their places, by role."""
Place = tuple["float | None", "float | None", "float | None"]


@dataclass(frozen=True, slots=True)
class Order:
    """``by`` is ``step``, ``batch``, ``epoch`` or, where rows are counted, nothing.

    ``remembers`` says that a row's step depends on lines before it; ``base`` is the number of the
    first epoch. ``each`` is how many steps an epoch has where their count begins anew in each
    and lines do not say it.
    """

    by: str = ""
    remembers: bool = False
    base: float = 1.0
    each: float = 0.0

    def steps(self, columns: Columns) -> array[float] | None:
        """Return the rows' own steps, ``None`` where none stands on their lines."""
        if self.each:
            within = columns.get("step", columns.get("batch"))
            if within is None or "epoch" not in columns:
                return None
            both = zip(columns["epoch"], within, strict=True)
            return array("d", [(epoch - self.base) * self.each + step for epoch, step in both])
        if self.by != "batch" or "batch" not in columns:
            return columns.get(self.by) if self.by in ("step", "epoch") else None
        epochs, batches = columns.get("epoch"), columns.get("batches")
        if epochs is None or batches is None:
            return None if self.remembers else columns["batch"]
        base, count = self.base, len(epochs)
        if count and epochs.count(epochs[0]) == count == batches.count(batches[0]):
            before = (epochs[0] - base) * batches[0]
            batch = columns["batch"]
            return array("d", [before + one for one in batch]) if before else batch
        parts = zip(epochs, batches, columns["batch"], strict=True)
        return array("d", [(epoch - base) * count + batch for epoch, count, batch in parts])

    def total(self, row: Values) -> float | None:
        """Return the step the run means to reach, where a row says it."""
        if self.by == "step":
            return row.get("total")
        epochs = row.get("epochs")
        if self.each:
            last = epochs if epochs is None or self.base == 1.0 else epochs - self.base
            return None if last is None else last * self.each
        if self.by == "epoch" or epochs is None:
            return epochs if self.by == "epoch" else None
        batches = row.get("batches")
        return epochs * batches if batches is not None and self.base == 1.0 else None


@dataclass(slots=True)
class Memory:
    """What is remembered between lines: the epoch, whether a heading said it, the batch."""

    epoch: float
    batch: float = -1.0
    headed: bool = False

    def step(self, base: float, place: Place) -> float | None:
        """Return a row's step and remember what it says of its place."""
        said, batch, batches = place
        if said is None and batch is not None and batch >= self.batch and not self.headed:
            self.batch = batch
            return (self.epoch - base) * (batches or 0.0) + batch
        if said is not None:
            self.epoch, self.headed = said, batch is None
        elif batch is not None and batch < self.batch and not self.headed:
            self.epoch += 1
        if batch is None:
            return None
        self.headed = False
        self.batch = batch
        return (self.epoch - base) * (batches or 0.0) + batch


def quick_steps(columns: Columns, memory: Memory, base: float) -> array[float] | None:
    """Return the steps of rows of one bar that goes on, ``None`` where more has to be thought."""
    batch, batches = columns.get("batch"), columns.get("batches")
    if memory.headed or "epoch" in columns or batch is None or batches is None or not batch:
        return None
    listed = batch.tolist()
    if (
        listed[0] < memory.batch
        or listed != sorted(listed)
        or batches.count(batches[0]) < len(batches)
    ):
        return None
    memory.batch = listed[-1]
    before = (memory.epoch - base) * batches[0]
    return array("d", [before + one for one in listed]) if before else batch


def places_of(columns: Columns, count: int) -> Iterable[Place]:
    """Return what rows say of their places: epoch, batch, batches of an epoch."""
    nothing: list[None] = [None] * count
    return zip(
        columns.get("epoch", nothing),
        columns.get("batch", nothing),
        columns.get("batches", nothing),
        strict=True,
    )


def order_of(rows: Iterable[tuple[int, bool, Values]]) -> Order:
    """Return what orders the rows of a sample.

    Given are kinds of rows: how many there are, whether they hold metrics, and what one says.
    """
    met = list(rows)
    metrics = [(count, values) for count, holds, values in met if holds]
    counts = {
        role: sum(count for count, values in metrics if role in values)
        for role in ("step", "batch", "epoch")
    }
    epochs = [values["epoch"] for _, _, values in met if "epoch" in values]
    base = 0.0 if epochs and min(epochs) < 1 else 1.0
    if counts["step"] and counts["step"] * 4 >= max(counts["batch"], 1):
        return Order("step")
    headed = [values for _, holds, values in met if not holds and "step" in values]
    if headed and not counts["step"] and not counts["batch"]:
        return Order("step")
    if counts["batch"]:
        whole = [one for one in metrics if "batch" in one[1] and "batches" in one[1]]
        if sum(count for count, _ in whole) * 2 < counts["batch"]:
            return Order("batch", base=base)
        inline = all("epoch" in values for _, values in whole)
        if inline and _counts_epochs([values for _, values in whole]):
            return Order("epoch", base=base)
        return Order("batch", not inline, base)
    return Order("epoch", base=base) if epochs else Order()


def _counts_epochs(rows: list[Values]) -> bool:
    """Say whether a bar counts the epochs themselves: ``Epoch 148: 30%|##  | 149/500``."""
    apart = {row["batch"] - row["epoch"] for row in rows}
    return len({row["epoch"] for row in rows}) > 1 and apart <= {0.0, 1.0}


def within_epochs(order: Order, rows: Iterable[Values]) -> Order:
    """Return the order of a log in which steps may be counted anew in each epoch.

    Given is what lines say of their places, one after the other. ``epoch: 2 step: 50`` is a step
    of the run where the step goes on rising, and one of the epoch where it falls as that rises.
    """
    if order.by not in ("step", "batch") or order.remembers:
        return order
    met = [
        (row["epoch"], row.get("step", row.get("batch", 0.0)), row.get("total", 0.0))
        for row in rows
        if "epoch" in row and ("step" in row or "batch" in row) and "batches" not in row
    ]
    ends = [(one, two) for one, two in pairwise(met) if two[0] == one[0] + 1]
    if not ends or any(two[1] > one[1] for one, two in ends):
        return order
    base = 0.0 if min(one[0] for one in met) < 1 else 1.0
    each = max(max(one[1:]) for one in met)
    return Order("batch", base=base, each=each) if each > 0 else order


def filled(steps: list[float | None], position: Position) -> Sequence[float]:
    """Return steps, those that are missing as the one before, and move ``position`` on."""
    if steps and None not in steps:
        position.step = steps[-1]
        return cast("list[float]", steps)
    before = position.step
    found: list[float] = []
    for step in steps:
        if step is not None:
            before = step
        found.append(0.0 if before is None else before)
    position.step = before
    return found
