"""A run of DVCLive: its tables woven into rows, its last values, its parameters."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from runwise_parsers.dvclive_log.beside import last_values, params_in
from runwise_parsers.dvclive_log.layout import (
    PARAMS,
    curves_in,
    others_in,
    summary_file,
)
from runwise_parsers.dvclive_log.table import Table, read_table
from runwise_parsers.gap import Gap, lfs_pointer, unreadable
from runwise_parsers.held import Held, HeldRun
from runwise_parsers.interleave import rows_of
from runwise_parsers.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers.info import RunInfo

_SYSTEM = "system/"
"""How the metrics of ``Live(monitor_system=True)`` are called; they have no training step."""
_NAMED = 3


class DvcliveRun(HeldRun):
    """Reads the directory of a run."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info)
        self._system: dict[str, Table] = {}

    def read(self) -> Held:
        """Read all tables and what stands beside them."""
        tables, gaps = self._tables()
        self._system = {name: one for name, one in tables.items() if _is_system(name, one)}
        curves = {name: one for name, one in tables.items() if name not in self._system}
        gaps += _damage(tables)
        rows = rows_of(one.curve for one in curves.values())
        path = self.info.path
        config, trouble = params_in(path / PARAMS)
        gaps += [trouble] if trouble else []
        gaps += [] if tables or gaps else [_no_tables()]
        gaps += [_not_numbers(name) for name in others_in(path)]
        last = last_values(summary_file(path))
        if rows:
            last.pop("step", None)  # it is in every row
        summary = {name: one for name, one in last.items() if name not in self._system}
        return Held(rows, config, summary, tuple(gaps))

    def size(self) -> int:
        """Return the bytes of all tables."""
        total = 0
        for _, table in curves_in(self.info.path):
            try:
                total += table.stat().st_size
            except OSError:
                continue
        return total

    def system(self, names: Iterable[str] | None = None) -> dict[str, Series]:
        """Return what was measured of the machine, over seconds since the first measurement."""
        self._held()
        wanted = None if names is None else frozenset(names)
        found = {name: one.curve for name, one in self._system.items()}
        began = min((curve.times[0] for curve in found.values()), default=0.0)
        return {
            name: Series(name, array("d", (t - began for t in one.times)), one.values, one.times)
            for name, one in found.items()
            if wanted is None or name in wanted
        }

    def _tables(self) -> tuple[dict[str, Table], list[Gap]]:
        tables: dict[str, Table] = {}
        gaps: list[Gap] = []
        for name, path in curves_in(self.info.path):
            try:
                table = read_table(name, path)
            except OSError as error:
                gaps.append(unreadable(path.name, error))
                continue
            if table.pointer:
                gaps.append(lfs_pointer(path.name))
            else:
                tables[name] = table
        return tables, gaps


def _is_system(name: str, table: Table) -> bool:
    times = table.curve.times
    return name.startswith(_SYSTEM) and len(times) == len(table.curve.steps) > 0


def _damage(tables: dict[str, Table]) -> list[Gap]:
    """Return one gap for all lines that could not be read, and one for lines that are cut."""
    lost = sum(table.lost for table in tables.values())
    torn = [name for name, table in tables.items() if table.torn]
    gaps: list[Gap] = []
    if lost:
        where = _some([name for name, table in tables.items() if table.lost])
        what = f"{lost} line{'s' if lost > 1 else ''} of {where}"
        gaps.append(Gap(what, "there is no number", "All other lines were read."))
    if torn:
        gaps.append(Gap(f"the last line of {_some(torn)}", "it is cut short", "Not read."))
    return gaps


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _no_tables() -> Gap:
    because = "there is no table of any metric, only the last values"
    return Gap("the history", because, "Where DVC keeps plots, run dvc pull.")


def _not_numbers(name: str) -> Gap:
    return Gap(f"what was logged into {name}", "only numbers are read", f"Look in {name}.")
