"""The rows of a table between two steps, from the parts of it that may hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.csv_log.curves import Position, series_of, steps_of
from runwise_parsers.csv_log.number import number_of
from runwise_parsers.csv_log.records import records
from runwise_parsers.csv_log.span import spans
from runwise_parsers.run import cut
from runwise_parsers.stretches import stretches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runwise_parsers.csv_log.log import CsvLog
    from runwise_parsers.series import Series


def pieces_between(
    log: CsvLog, names: Collection[str] | None, first_step: float, last_step: float
) -> list[dict[str, Series]] | None:
    """Return the points between two steps, in the order of the table.

    ``None`` where only a whole pass can tell what the cells of some rows are.
    """
    found: list[dict[str, Series]] = []
    try:
        places = spans(log, first_step, last_step)
    except LookupError:
        return None
    for begin, end in places:
        for rows in _read(log, begin, end, names):
            if rows is None:
                return None
            pieces = {name: cut(one, first_step, last_step) for name, one in rows.items()}
            found.append({name: one for name, one in pieces.items() if len(one)})
    return found


def _read(
    log: CsvLog, begin: int, end: int, names: Collection[str] | None
) -> Iterator[dict[str, Series] | None]:
    """Yield the rows between two offsets, in stretches in which the step rises."""
    layout, offset = log.layout, begin
    position = Position()
    for window in records(log.path, begin, texts=bool(layout.texts)):
        data = window.data[: end - offset] if window.end > end else window.data
        whole = data if window.whole else log.last_line(data, window.end, layout)[0]
        for part in log.parts(whole or b"", None, layout):
            parted = part.split() if part.layout.mark == layout.mark else None
            if parted is None or not parted.even:
                yield None
                return
            position = Position(step=0.0) if part.opens else position
            block, before = parted.block, position.step
            first = 0
            if before is None and begin > log.begin and layout.step is not None:
                own = enumerate(map(number_of, block.column(layout.step)))
                first = next((row for row, step in own if step is not None), block.count)
            steps = steps_of(block, layout, position)
            for low, high, _ in stretches(steps, before):
                low = max(low, first)  # noqa: PLW2901  rows before belong to a step not read
                if high > low:
                    yield series_of(block.part(low, high), steps[low:high], layout, names)
        offset = window.end
        if offset >= end:
            return
