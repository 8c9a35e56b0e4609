"""What each column of a table is: the step, a clock, a metric, or a text.

    step,loss,lr                    one metric a column
    step,metric,value               long: one row for each point
    step,type,loss                  rows of training and of validation below one another
    Step,<run> - lm_loss,<run> - lm_loss__MIN,<run> - lm_loss__MAX
                                    what W&B's pages export: the extremes are the value again

The names in the header and the first rows below it decide, and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.csv_log.axis import clock_column, finite, plain, step_column
from runwise_parsers.csv_log.form import Form
from runwise_parsers.csv_log.number import is_absent, number_of
from runwise_parsers.naming import is_generic

if TYPE_CHECKING:
    from runwise_parsers.csv_log.block import Block
    from runwise_parsers.csv_log.head import Head

_STAGE_NAMES = frozenset({"type", "split", "phase", "stage", "mode", "set", "subset", "partition"})
_STAGES = frozenset({
    "train", "training", "trn", "val", "valid", "validation", "dev", "test", "testing", "eval",
    "evaluation",
})  # fmt: skip
_METRIC_NAMES = frozenset({"metric", "metric_name", "name", "key", "tag", "variable", "scalar"})
_VALUE_NAMES = frozenset({"value", "metric_value", "score", "scalar_value"})
_PACE = re.compile(
    r"(?:^|_)(?:time|ms|s|sec|secs|seconds|elapsed|lr|learning_rate|epoch|step)(?:_|$)"
)
_TAG = re.compile(r"(?:run-(.+?)-)?tag-(.+)")
_EXTREMES = ("__MIN", "__MAX")
_BETWEEN = " - "


@dataclass(frozen=True)
class Layout:
    """Places of a table's columns; ``None`` where there is no such column.

    ``names`` are unique; ``metrics`` holds those that are shown, with their places. ``stage``
    is a column that says whether a row is of training or of validation, ``key`` and ``value``
    those of a long table. ``run`` is the one run an export is of. ``spans`` says that texts hold
    line ends, so that nobody can tell where a row begins without reading all before it,
    ``whole_steps`` that nearly all of the first steps are whole numbers.
    """

    form: Form = field(default_factory=Form)
    names: tuple[str, ...] = ()
    metrics: tuple[tuple[str, int], ...] = ()
    step: int | None = None
    clock: int | None = None
    stage: int | None = None
    key: int | None = None
    value: int | None = None
    texts: frozenset[int] = frozenset()
    run: str = ""
    line: bytes = b""
    spans: bool = False
    whole_steps: bool = False

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)

    @cached_property
    def marker(self) -> bytes:
        """Bytes that stand in every line that is a header of this table or of its successor."""
        if not self.line:
            return b""
        place = self.step if self.step is not None else 0
        return self.names[place].encode("utf-8", "replace")

    @cached_property
    def mark(self) -> int:
        """A checksum of what decides how rows are called and ordered."""
        told = (self.names, self.step, self.clock, self.stage, self.key, sorted(self.texts))
        return crc32(repr(told).encode("utf-8", "replace"))

    def paced(self, place: int) -> bool:
        """Say whether a column is the same thing in rows of every stage: a time, a rate."""
        return _PACE.search(plain(self.names[place]).replace("/", "_")) is not None


def layout_of(head: Head) -> Layout:
    """Return what the columns of a table are, from its header and its first rows."""
    names = _unique(head.names)
    texts = frozenset(place for place in range(len(names)) if _is_text(head.block, place))
    step = step_column(head.names, head.block, texts) if head.titled or head.form.yolo else None
    clock = clock_column(head.names, head.block)
    key, value = _long(head, texts) if step is not None else (None, None)
    stage = None if key is not None else _stage(head, texts)
    apart = {step, clock, stage, key, *texts}
    shown = [place for place in range(len(names)) if place not in apart and head.names[place]]
    shown = [place for place in shown if not _is_extreme(head.names, place)]
    run = _run_of([head.names[place] for place in shown])
    cut = len(run) + len(_BETWEEN) if run else 0
    metrics = tuple((names[place][cut:], place) for place in shown)
    if run:
        metrics = tuple((name, place) for name, place in metrics if plain(name) != "_step")
    spans = any("\n" in cell for place in texts for cell in head.block.column(place))
    steps = finite(head.block.column(step)) if step is not None else []
    return Layout(
        head.form, names, metrics, step, clock, stage, key, value, texts, run, head.line, spans,
        whole_steps=sum(number.is_integer() for number in steps) * 10 > len(steps) * 9,
    )  # fmt: skip


def named_by(layout: Layout, stem: str) -> Layout:
    """Return a layout whose only metric, called ``value``, is called by the file's name.

    So TensorBoard exports a curve: ``Wall time,Step,Value`` in ``run-<run>-tag-<tag>.csv``.
    """
    only = layout.metrics[0][0] if len(layout.metrics) == 1 and layout.key is None else ""
    if plain(only) != "value" or is_generic(stem):
        return layout
    called = _TAG.fullmatch(stem)
    metrics = ((called[2] if called else stem, layout.metrics[0][1]),)
    return replace(layout, metrics=metrics, run=(called[1] or "") if called else "")


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names with a number behind those that were there before, as pandas does."""
    met: dict[str, int] = {}
    for place, name in enumerate(names):
        called, count = name or f"column_{place + 1}", 0
        while called in met:
            count += 1
            called = f"{name}.{count}"
        met[called] = place
    return tuple(met)


def _is_text(block: Block, place: int) -> bool:
    cells = [cell for cell in block.column(place) if not is_absent(cell)]
    return sum(number_of(cell) is not None for cell in cells) * 2 < len(cells)


def _long(head: Head, texts: frozenset[int]) -> tuple[int | None, int | None]:
    """Return the columns of names and values of a long table."""
    places = {plain(name): place for place, name in enumerate(head.names)}
    keys = [place for name, place in places.items() if name in _METRIC_NAMES and place in texts]
    values = [
        place for name, place in places.items() if name in _VALUE_NAMES and place not in texts
    ]
    return (keys[0], values[0]) if keys and values else (None, None)


def _stage(head: Head, texts: frozenset[int]) -> int | None:
    """Return the column of words like ``train`` and ``val``."""
    for place in sorted(texts):
        cells = {cell.strip().lower() for cell in head.block.column(place)} - {""}
        if plain(head.names[place]) in _STAGE_NAMES and cells <= _STAGES:
            return place
    return None


def _is_extreme(names: tuple[str, ...], place: int) -> bool:
    base = names[place][: -len(_EXTREMES[0])]
    return names[place].endswith(_EXTREMES) and base in names


def _run_of(names: list[str]) -> str:
    """Return the run that all columns of an export belong to, empty if there are several."""
    runs = {name.rpartition(_BETWEEN)[0] for name in names}
    return runs.pop() if len(runs) == 1 else ""
