"""What must be known to believe a comparison: what else differed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise.reports.comparison_rows import Row
    from runwise.reports.sides import Side
    from runwise_format.cells import Cell

SIZES = (
    "batch_size", "train_batch_size", "per_device_train_batch_size", "global_batch_size",
    "micro_batch_size", "gradient_accumulation_steps", "accumulate_grad_batches",
)  # fmt: skip
WORLDS = ("world_size", "num_gpus", "n_gpus", "ngpus", "gpus", "devices", "num_devices",
          "num_nodes", "num_processes")  # fmt: skip
MISSING = 6
NEAR = 0.02
"""Share of the steps within which two runs count as equally long."""


def differences(sides: Sequence[Side]) -> list[tuple[str, Sequence[Cell]]]:
    """Return the settings that are not the same on all sides, with their values."""
    names = dict.fromkeys(name for side in sides for name in side.settings)
    rows = [(name, [side.settings.get(name) for side in sides]) for name in names]
    return [(name, cells) for name, cells in rows if len({_key(cell) for cell in cells}) > 1]


def remarks(sides: Sequence[Side], rows: Sequence[Row], names: Sequence[str]) -> Iterator[str]:
    """Yield the remarks of a comparison of metrics, those that change its meaning first."""
    for side in sides:
        yield from side.remarks
    yield _lengths(sides)
    yield from _sizes(sides)
    yield from _steps(sides, rows)
    for side in sides:
        alone = [name for name in names if _only(name, side, sides)]
        if alone:
            yield f"only in {side.letter}: {some(alone, MISSING)}"


def score(sides: Sequence[Side], rows: Sequence[Row]) -> str:
    """Return who is ahead: the number of metrics in which each is the best at the end."""
    judged = [row for row in rows if row.leader is not None]
    if not rows:
        return "no metric in common"
    if not judged:
        return f"{words.count(len(rows), 'metric')} in common, no run is ahead"
    count = words.count(len(judged), "metric")
    if len(sides) == 2:
        better = sum(row.mark == "better" for row in judged)
        return f"B better in {better} of {count}"
    wins = [(side.letter, sum(row.leader == side.letter for row in judged)) for side in sides]
    said = ", ".join(f"{letter} in {number}" for letter, number in wins)
    return f"best at the end {said} of {count}"


def _key(cell: Cell) -> tuple[str, Cell]:
    """Return what tells settings apart: 1 and True are two settings, 1 and 1.0 are one."""
    return ("bool" if isinstance(cell, bool) else ""), cell


def _lengths(sides: Sequence[Side]) -> str:
    ends = [side.end for side in sides]
    known = [end for end in ends if end is not None]
    if len(known) < 2 or max(known) - min(known) <= NEAR * max(map(abs, known)):
        return ""
    if any(side.at is not None for side in sides):
        return ""  # somebody has chosen these steps
    said = ", ".join(
        f"{side.letter} {words.step(end)}"
        for side, end in zip(sides, ends, strict=True)
        if end is not None
    )
    return f"steps differ: {said}; at the same step: add @{words.step(min(known))} to each"


def _sizes(sides: Sequence[Side]) -> Iterator[str]:
    for name, cells in differences(sides):
        leaf = name.rpartition(".")[2]
        if leaf in SIZES + WORLDS:
            said = ", ".join(
                f"{side.letter} {'unset' if cell is None else cell}"
                for side, cell in zip(sides, cells, strict=True)
            )
            yield f"{leaf} differs ({said}): a step is not the same amount of data"


def _steps(sides: Sequence[Side], rows: Sequence[Row]) -> Iterator[str]:
    """Yield where a metric was not logged at the step that was asked for."""
    for place, side in enumerate(sides):
        if side.at is None:
            continue
        used: dict[float, list[str]] = {}
        for row in rows:
            step = row.values[place].step
            if step is not None and step != side.at:
                used.setdefault(step, []).append(row.name)
        if used:
            said = "; ".join(f"{words.step(step)} for {some(of, 3)}" for step, of in used.items())
            yield f"{side.letter}, nearest logged step: {said}"


def _only(name: str, side: Side, sides: Sequence[Side]) -> bool:
    return [one for one in sides if name in one.known.curves] == [side]
