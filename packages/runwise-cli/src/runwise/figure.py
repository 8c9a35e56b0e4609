"""Charts as a figure for a paper: PNG, SVG or PDF, drawn by matplotlib.

The settings are matplotlib's own, never those of whoever draws, and so is the font, which comes
with it: the same document is the same figure everywhere. Nothing is dated. Names are shown as
they are: a ``$`` in one is no formula.
"""

from __future__ import annotations

import math
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from runwise.errors import BadSetting
from runwise_format.document import Chart
from runwise_format.safety import safe
from runwise_format.scale import scale_of, tick_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_format import Document
    from runwise_format.document import Line

KINDS = ("png", "svg", "pdf")
WIDTH, PANEL = 6.4, 2.9
"""Inches: a column and a half of a paper."""
DOTS = 200
COLOURS = ("#0b6bcb", "#c2410c", "#15803d", "#9333a8", "#a16207", "#0e7490", "#be185d", "#4b5563")
_SETTINGS: dict[str, Any] = {
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.color": "#d8dde3", "grid.linewidth": 0.6, "axes.axisbelow": True,
    "legend.frameon": False, "legend.fontsize": 8, "lines.linewidth": 1.3,
    "pdf.fonttype": 42, "svg.hashsalt": "runwise", "axes.unicode_minus": False,
    "axes.edgecolor": "#5b6470", "figure.constrained_layout.use": True,
}  # fmt: skip
_UNDATED: dict[str, dict[str, Any]] = {
    "png": {"Software": None}, "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}  # fmt: skip


def save_figure(document: Document, path: Path, kind: str) -> None:
    """Write the charts of a document to a file, one below the other.

    Raises ``BadSetting`` where matplotlib is not installed, or there is nothing to draw.
    """
    charts = [block for block in safe(document).blocks if isinstance(block, Chart)]
    if not charts:
        raise BadSetting("there is nothing to draw", "See what was logged: runwise keys")
    try:
        mpl: Any = import_module("matplotlib")  # half a second that only a figure needs
        drawing: Any = import_module("matplotlib.figure")
    except ImportError as error:
        raise BadSetting(
            f"a {kind} is drawn by matplotlib", "Run: pip install 'runwise-cli[plot]'"
        ) from error
    plain = {k: v for k, v in mpl.rcParamsDefault.items() if k != "backend"}
    with warnings.catch_warnings(), mpl.rc_context():
        warnings.simplefilter("ignore")  # a sign that the font lacks is shown as a box
        mpl.rcParams.update({**plain, **_SETTINGS})
        figure = drawing.Figure(figsize=(WIDTH, PANEL * len(charts)), dpi=DOTS)
        panels = figure.subplots(len(charts), squeeze=False)
        for axes, chart in zip(panels[:, 0], charts, strict=True):
            _panel(axes, chart)
        figure.savefig(path, format=kind, metadata=_UNDATED[kind])


def _panel(axes: Any, chart: Chart) -> None:
    for owner, line in enumerate(chart.curves):
        _line(axes, line, owner)
    shown = scale_of(_heights(chart), log=chart.log_y)
    axes.set_yscale("log" if shown.log else "linear")
    axes.margins(x=0.01)
    ticks = shown.ticks(6)
    axes.set_yticks(ticks, tick_words(ticks))
    axes.tick_params(axis="y", which="minor", left=False, labelleft=False)
    axes.xaxis.set_major_formatter(_step)
    name = chart.y_label or chart.title
    axes.set_xlabel(chart.x_label, parse_math=False)
    axes.set_ylabel(name, parse_math=False)
    if [line.name for line in chart.curves] != [name]:
        for text in axes.legend().get_texts():
            text.set_parse_math(False)
    if chart.note:
        axes.set_title(chart.note, loc="left", fontsize=7.5, color="#5b6470", parse_math=False)


def _line(axes: Any, line: Line, owner: int) -> None:
    colour = COLOURS[owner % len(COLOURS)]
    style = "-" if owner < len(COLOURS) else "--"
    steps, values = list(map(float, line.steps)), list(map(_drawable, line.values))
    dots = "o" if sum(map(math.isfinite, values)) == 1 else ""
    # A label that begins with an underscore would be no label: matplotlib's way to hide one.
    label = f"\u200b{line.name}" if line.name.startswith("_") else line.name
    axes.plot(steps, values, style, marker=dots, color=colour, label=label)
    if len(line.low):
        low, high = list(map(_drawable, line.low)), list(map(_drawable, line.high))
        axes.fill_between(steps, low, high, color=colour, alpha=0.17, linewidth=0)
    odd = [step for step, value in zip(steps, values, strict=True) if not math.isfinite(value)]
    if odd:
        marks = axes.plot(
            odd, [0.0] * len(odd), "|", color="#b3261e", markersize=6, markeredgewidth=0.6,
            clip_on=False, transform=axes.get_xaxis_transform(), label="_",
        )  # fmt: skip
        marks[0].set_in_layout(False)  # a mark on the frame needs no room


def _drawable(value: float) -> float:
    """Return a value that an axis can hold: one near the end of floats overflows margins."""
    value = float(value)
    return value if abs(value) < 1e300 else math.copysign(math.nan, value)


def _heights(chart: Chart) -> Iterator[float]:
    for line in chart.curves:
        yield from map(_drawable, line.values)
        yield from map(_drawable, line.low)
        yield from map(_drawable, line.high)


def _step(value: float, _place: object) -> str:
    return tick_words([value])[0]
