"""The rows of an export, a batch at a time and only the columns that are asked for.

    project_id  run_id  attribute_path  attribute_type            texts
    step                                decimal(18, 6)            of a point of a series
    timestamp   datetime_value          timestamp(ms, UTC)
    int_value  float_value  string_value  bool_value  string_set_value  file_value  ...

attribute_type := float int string bool datetime string_set        one value, no step
                | float_series string_series histogram_series file_series file

A point of a ``float_series`` without a value was NaN: pandas, through which the exporter goes,
writes NaN as null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from runwise_parsers import Gap

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

pc: Any = pyarrow.compute  # its functions are made at import, where no checker sees them
ROWS = 1 << 14
"""Rows of a batch."""
DAMAGE = (OSError, ValueError, pa.ArrowException)
_SECONDS = 1e-3


class Parts:
    """The files of one or several runs; ``gaps`` say what could not be read of them."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self.gaps: list[Gap] = []

    def batches(
        self, columns: Sequence[str], run_id: str | None = None, types: Collection[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Yield rows of one run, or of all, that hold one of these types of attributes."""
        self.gaps = []
        wanted = [*dict.fromkeys([*columns, "run_id", "attribute_type"])]
        for path in self.paths:
            try:
                with pq.ParquetFile(path) as file:
                    groups = _groups(file, run_id)
                    for batch in file.iter_batches(ROWS, groups, wanted, use_threads=False):
                        rows = _filtered(batch, run_id, types)
                        if rows.num_rows:
                            yield rows
            except DAMAGE as error:
                told = str(error).partition("\n")[0][:200] or type(error).__name__
                self.gaps.append(Gap(f"rows of {path.name}", told, "Other rows were read."))


def _groups(file: pq.ParquetFile, run_id: str | None) -> list[int]:
    """Return the row groups in which a run can be, by the least and greatest id in each."""
    every = list(range(file.metadata.num_row_groups))
    if run_id is None:
        return every
    at = file.schema_arrow.get_field_index("run_id")
    kept: list[int] = []
    for group in every:
        told: Any = file.metadata.row_group(group).column(at).statistics if at >= 0 else None
        if told is None or not told.has_min_max or str(told.min) <= run_id <= str(told.max):
            kept.append(group)
    return kept


def _filtered(batch: pa.RecordBatch, run_id: str | None, types: Collection[str]) -> pa.RecordBatch:
    if types:
        batch = batch.filter(pc.is_in(batch["attribute_type"], pa.array(sorted(types))))
    if run_id is not None:
        batch = batch.filter(pc.equal(batch["run_id"], run_id))
    return batch


def texts(batch: pa.RecordBatch, name: str) -> list[str]:
    """Return a column of texts."""
    return ["" if one is None else str(one) for one in batch[name].to_pylist()]


def steps(batch: pa.RecordBatch) -> list[float | None]:
    """Return the steps of points: whole numbers or fractions."""
    return pc.cast(batch["step"], pa.float64()).to_pylist()


def clocks(batch: pa.RecordBatch) -> list[float | None]:
    """Return the times of points as Unix seconds."""
    millis = pc.cast(pc.cast(batch["timestamp"], pa.timestamp("ms", "UTC")), pa.int64())
    return [None if one is None else one * _SECONDS for one in millis.to_pylist()]
