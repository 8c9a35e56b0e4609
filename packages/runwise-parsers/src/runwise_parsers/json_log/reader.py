"""Windows of lines as tables: parsed, or only skimmed where a few plain columns are wanted."""

from __future__ import annotations

from array import array
from math import isfinite
from typing import TYPE_CHECKING

from runwise_parsers.axes import in_seconds
from runwise_parsers.json_log.columns import Columns
from runwise_parsers.json_log.skim import Skim
from runwise_parsers.json_log.steps import steps_of
from runwise_parsers.json_log.table import Table, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from runwise_parsers.axes import Axes
    from runwise_parsers.json_log.columns import Cells
    from runwise_parsers.json_log.rows import Row
    from runwise_parsers.json_log.steps import Position


class Reader:
    """Reads a log's windows one after the other, all metrics or those that are named.

    ``parse`` makes rows of lines; ``plain`` says that they are the lines' own objects.
    ``unreadable`` counts lines that held no row.
    """

    def __init__(
        self,
        parse: Callable[[bytes], tuple[list[Row], int]],
        axes: Axes,
        names: Collection[str] | None,
        *,
        plain: bool,
    ) -> None:
        self.unreadable = 0
        self._parse = parse
        self._axes = axes
        self._names = names
        self._skim = self._quick() if plain else None

    def table(self, data: bytes, position: Position) -> Table | None:
        """Return lines as a table and move ``position`` on; ``None`` for a last line cut short."""
        table = self._skimmed(data, position) if self._skim else None
        if table is not None:
            return table
        rows, unreadable = self._parse(data)
        if unreadable and not data.endswith(b"\n"):
            return None
        self.unreadable += unreadable
        columns = Columns(rows)
        steps = steps_of(columns, self._axes, position)
        return table_of(columns, steps, self._axes, self._names)

    def _quick(self) -> Skim | None:
        axes, names = self._axes, self._names
        if names is None:
            return None
        keys = dict.fromkeys([*filter(None, (axes.step, axes.clock)), *names])
        return Skim(keys) if Skim.fits(keys) else None

    def _skimmed(self, data: bytes, position: Position) -> Table | None:
        """Return a table made without parsing the lines, ``None`` where they must be parsed."""
        axes, names = self._axes, self._names or ()
        found = self._skim.cells(data) if self._skim and data.endswith(b"\n") else None
        if found is None:
            return None
        count, cells = found
        steps = _dense(cells.get(axes.step))
        if axes.step and (steps is None or not isfinite(sum(steps))):
            return None
        times = _dense(cells.get(axes.clock))
        if axes.clock in cells and (times is None or not in_seconds(times)):
            return None
        if steps is None:
            steps = array("d", range(position.rows, position.rows + count))
        else:
            position.step = steps[-1]
        position.rows += count
        wanted = {key: column for key, column in cells.items() if key in names}
        return Table(steps, times, wanted)


def _dense(cells: Cells | None) -> array[float] | None:
    """Return the values of a column that has one in every row."""
    return cells[0] if cells is not None and cells[1] is None else None
