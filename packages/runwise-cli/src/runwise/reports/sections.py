"""What a project's own schema adds to a summary: its groups, per-step metrics, validation sets.

Metrics that were read from printed lines keep the number that was printed, ``7.6`` of ``7.6%``:
a format with a percent sign takes such a one for the percentage it is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_format import Column, Fields, Notes, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise.curves import Curve
    from runwise.reports.reading import Reading
    from runwise.settings_file.metric_schema import MetricGroup, MetricSchema, MetricStyle
    from runwise_format.cells import Cell
    from runwise_format.document import Block

EVEN = 0.05
"""Share of the way from first to last step of a model within which its middle hardly moves."""
FEW = 4
"""Steps of a model of which there is a middle."""
LINES = 400
"""Printed lines in which a newest value is looked for."""


@dataclass
class Sections:
    """Blocks for a summary, and the metrics that are in them."""

    blocks: list[Block] = field(default_factory=list["Block"])
    names: set[str] = field(default_factory=set[str])


def sections(seen: Reading, schema: MetricSchema | None) -> Sections:
    """Return what the schema wants shown of a run, in its order; empty parts are left out.

    A metric is shown once: in the first group that names it, or in the set of the longest
    prefix that fits it.
    """
    found = Sections()
    if schema is None:
        return found
    curves = seen.known.curves
    lines = _printed(seen, schema)
    for number, group in enumerate(schema.groups):
        here = {
            name: style
            for name, style in group.metrics.items()
            if name in curves and name not in found.names
        }
        if here:
            found.blocks.append(_group(f"group_{number}", group, here, curves, lines))
            found.names |= here.keys()
    _per_step(found, curves, schema)
    _validation(found, curves, schema.validation_sets)
    return found


def written(value: float, style: MetricStyle, lines: Sequence[str] = ()) -> str:
    """Return a value in the format its project wants, however wrong that is for it.

    ``lines`` are printed ones: what stands there with a percent sign is no share of one.

    >>> written(0.076, {"format": ".1%"}), written(7.6, {"format": ".1%"}, ["Token: 7.6%"])
    ('7.6%', '7.6%')
    """
    spec = style.get("format", "")
    if not spec or not math.isfinite(value):
        return f"{value:.6g}"
    if spec.endswith("%") and _in_percent(value, lines):
        return format(value / 100, spec)
    return format(value, spec)


def _printed(seen: Reading, schema: MetricSchema) -> list[str]:
    """Return the newest printed lines of a run that is read from them, if a format asks."""
    styles = (style for group in schema.groups for style in group.metrics.values())
    if not any(style.get("format", "").endswith("%") for style in styles):
        return []
    from runwise_parsers.printed import PrintedRun  # noqa: PLC0415 - few projects ask for it

    told = seen.info.source == "console" or isinstance(seen.run, PrintedRun)
    return seen.run.console(LINES) if told else []


def _in_percent(value: float, lines: Sequence[str]) -> bool:
    """Say whether a value was printed with a percent sign."""
    if not lines:
        return False
    text = re.escape(f"{value:.12g}")
    sign = re.compile(rf"(?<![\d.]){text}(?:\.?0*)\s?%")
    return any(sign.search(line) for line in lines)


def _group(
    key: str,
    group: MetricGroup,
    styles: Mapping[str, MetricStyle],
    curves: Mapping[str, Curve],
    lines: Sequence[str],
) -> Table:
    columns = [
        Column("name", role="name", quiet=True),
        Column("display", "metric", "name"),
        Column("last", role="number", quiet=True),
        Column("shown", "last", "text"),
        Column("best", "best@step", "number"),
        Column("trend", role="trend"),
    ]
    rows: list[list[Cell]] = []
    for name, style in styles.items():
        one = curves[name]
        shown = written(one.last, style, lines)
        rows.append([name, style.get("display", name), one.last, shown, one.best(), one.trend()])
    return Table(key, columns, rows, importance=80, title=group.display_name)


def _per_step(found: Sections, every: Mapping[str, Curve], schema: MetricSchema) -> None:
    """Add the metrics of a model's own steps, and whether its middle steps add anything."""
    pattern = schema.per_step_pattern
    if not pattern or "{i}" not in pattern:
        return
    first = 0 if pattern.replace("{i}", "0") in every else 1
    names = {
        number: pattern.replace("{i}", str(number))
        for number in range(first, first + schema.num_steps)
    }
    curves = {number: every[name] for number, name in names.items() if name in every}
    if not curves:
        return
    items: dict[str, Cell] = {f"step{number}": one.last for number, one in curves.items()}
    found.blocks.append(Fields("per_step", items, importance=79, title="per step"))
    found.names |= {one.name for one in curves.values()}
    values = [one.last for one in curves.values()]
    remark = _over_steps(values)
    if remark:
        found.blocks.append(Notes("per_step_notes", [remark], importance=77))


def _over_steps(values: list[float]) -> str:
    """Return what the steps of a model gain from the first to the last."""
    first, last = values[0], values[-1]
    if len(values) < 2 or not first or not all(map(math.isfinite, values)):
        return ""
    said = f"from the first step to the last {(last - first) / abs(first):+.1%}"
    middle = values[1:-1]
    flat = len(values) >= FEW and max(middle) - min(middle) < EVEN * abs(last - first)
    return f"{said}; the steps between hardly differ" if flat else said


def _validation(found: Sections, curves: Mapping[str, Curve], wanted: Mapping[str, str]) -> None:
    """Add the sets that a model is validated on, each with what was measured on it."""
    sets = {prefix.rstrip("/_."): title for prefix, title in wanted.items()}
    free = [name for name in curves if name not in found.names]
    for number, (prefix, title) in enumerate(sets.items()):
        names = [name for name in free if _set_of(name, sets) == prefix]
        if names:
            items: dict[str, Cell] = {name[len(prefix) + 1 :]: curves[name].last for name in names}
            found.blocks.append(Fields(f"validation_{number}", items, importance=78, title=title))
            found.names.update(names)


def _set_of(name: str, prefixes: Iterable[str]) -> str | None:
    """Return the longest prefix that a separator follows in a name."""
    fitting = [
        prefix
        for prefix in prefixes
        if name.startswith(prefix) and name[len(prefix) : len(prefix) + 1] in ("/", "_", ".")
    ]
    return max(fitting, key=len, default=None)
