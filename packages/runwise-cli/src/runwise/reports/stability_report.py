"""How steady curves are: their slope, their rolling spread, and where that goes."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import ordered
from runwise.errors import BadSetting
from runwise.reports import parts
from runwise.reports.nothing import why_nothing
from runwise.reports.reading import look
from runwise.stretches import newest, stretches
from runwise_format import Column, Document, Fields, Table
from runwise_sampling import downsample
from runwise_sampling.slope import slope
from runwise_sampling.stability import Stability, rolling
from runwise_sampling.stability import stability as judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.reports.reading import Reading
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_parsers import Series

WINDOW = 100
METRICS = 6
ROWS = 100
LEAST = 8


def stability(
    workspace: Workspace, ref: str = "latest", *, keys: Sequence[str] = (), window: int = WINDOW
) -> Document:
    """Return slope per 1,000 steps, spread and a verdict for each metric.

    ``window`` is the number of points looked at together. What was logged again after a restart
    counts once.

    Raises ``NoRuns``, ``NoSuchRun``, ``NoSuchMetric`` and ``BadSetting``.
    """
    _check(window)
    seen = look(workspace, ref, keys)
    curves = _curves(seen, keys)
    rows = [_row(one, judged(one.values, window)) for one in curves]
    return Document(
        kind="stability",
        title=parts.label(seen.info),
        verdict=f"{parts.label(seen.info)}, windows of {window} points: {_verdict(rows)}",
        blocks=[
            Fields("run", {"id": seen.info.id, "at_step": seen.at, "window": window}, quiet=True),
            _table(rows),
            parts.notes(
                seen.gaps,
                *seen.remarks,
                _shorter(curves, window),
                why_nothing(workspace, seen),
            ),
        ],
        more=workspace.command("history", workspace.handle(seen.info)),
    )


def rolling_rows(
    workspace: Workspace,
    ref: str = "latest",
    *,
    keys: Sequence[str] = (),
    window: int = WINDOW,
    points: int = ROWS,
) -> Document:
    """Return rolling mean and standard deviation, at most ``points`` rows of each metric.

    A row's step is that of its window's last point; the largest and the smallest deviation are
    among the rows. Raises as ``stability`` does.
    """
    _check(window)
    if points < LEAST:
        raise BadSetting(f"{points} points are too few", f"Use -n {LEAST} or more.")
    seen = look(workspace, ref, keys)
    curves = _curves(seen, keys)
    cells = [_rolled(one, window, points) for one in curves]
    steps = sorted({step for found in cells for step in found})
    heads = [Column("step", role="step")]
    heads += [Column(f"{one.name}_{what}") for one in curves for what in ("mean", "std")]
    rows = [
        [step, *(cell for found in cells for cell in found.get(step, (None, None)))]
        for step in steps
    ]
    return Document(
        kind="stability",
        title=parts.label(seen.info),
        verdict=f"{parts.label(seen.info)}, windows of {window} points",
        blocks=[
            Fields("run", {"id": seen.info.id, "at_step": seen.at, "window": window}, quiet=True),
            Table("rolling", heads, rows),
            parts.notes(seen.gaps, *seen.remarks, _shorter(curves, window)),
        ],
    )


def _check(window: int) -> None:
    if window < 2:
        raise BadSetting(f"a window of {window} points has no spread", "Use -w 2 or more.")


def _curves(seen: Reading, keys: Sequence[str]) -> list[Series]:
    """Return the metrics asked for, or the main ones, each as one rising curve."""
    main, others = ordered(seen.known)
    names = list(seen.known.curves) if keys else [one.name for one in (main or others)[:METRICS]]
    series = {name: seen.known.curves[name].series for name in names}
    found = newest(stretches(series, seen.known.resumed))[0]
    return [found[name] for name in names if name in found]


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    slope: float
    found: Stability


def _row(one: Series, found: Stability) -> _Row:
    return _Row(one.name, slope(one.steps, one.values), found)


def _table(rows: Sequence[_Row]) -> Table:
    columns = [
        Column("name", role="name"),
        Column("slope", "slope/1k"),
        Column("trend", "spread", "text"),
        Column("mean_std", "avg std"),
        Column("final_std", "final std"),
        Column("share", "of range", "percent"),
        Column("status"),
        Column("window", quiet=True),
    ]
    cells: list[list[Cell]] = [
        [
            row.name,
            _known(row.slope),
            row.found.trend or None,
            _known(row.found.mean_std),
            _known(row.found.final_std),
            _known(row.found.share),
            row.found.status or None,
            row.found.window,
        ]
        for row in rows
    ]
    return Table("stability", columns, cells, importance=80)


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def _verdict(rows: Sequence[_Row]) -> str:
    found = Counter(row.found.status or "not judged" for row in rows)
    if not found:
        return "no metric logged"
    return ", ".join(f"{number} {status}" for status, number in found.most_common())


def _shorter(curves: Sequence[Series], window: int) -> str:
    """Return which curves are too short for the window; they are judged in halves."""
    short = [one for one in curves if len(one) < 2 * window]
    if not short:
        return ""
    curve = words.count(len(short), "curve")
    return f"{curve} below {2 * window} points: windows of half the length"


def _rolled(one: Series, window: int, points: int) -> dict[float, tuple[float, float]]:
    """Return mean and standard deviation by step, where the deviation's curve needs them."""
    size = min(window, max(2, len(one) // 2))
    steps, means, stds = array("d"), array("d"), array("d")
    for step, level, std in rolling(one.steps, one.values, size):
        steps.append(step)
        means.append(level)
        stds.append(std)
    if not steps:
        return {}
    chosen, _ = downsample(range(len(steps)), stds, points)
    return {steps[int(at)]: (means[int(at)], stds[int(at)]) for at in chosen}
