"""A chart in a terminal: curves as braille dots over axes with round numbers.

    2 ┤⢇
      │ ⠱⡀
    1 ┤  ⠘⠢⣀
      │     ⠉⠒⠤⢄⣀⣀
    0 ┤           ⠉⠉⠉⠉⠉
      └┬────────┬────────
       0       50       step
    ── train/loss  last 0.19  min 0.19@99  max 2@0

Several curves are told apart by colour; without colour, and where nothing but ASCII can be
printed, every curve has a sign of its own. What is not finite is an ``x`` on the axis at its
step. A band is shaded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from runwise_format.canvas import MARKS, Canvas
from runwise_format.layout import width_of
from runwise_format.legend import legend
from runwise_format.safety import ascii_only
from runwise_format.scale import Scale, scale_of, tick_words
from runwise_format.shape import span
from runwise_format.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runwise_format.document import Line

COLOURS = ("36", "33", "35", "32", "34", "91", "96", "93")
FAINT, RED = "2", "31"
NARROWEST, LOWEST = 24, 5
PLAIN = Style()


def chart(
    series: Sequence[Line],
    width: int = 80,
    height: int = 16,
    *,
    log: bool = False,
    x_label: str = "step",
    y_label: str = "",
    style: Style = PLAIN,
    legend_width: int = 0,
) -> list[str]:
    """Return a chart as lines at most ``width`` wide: ``height`` of them, then the legend.

    ``style`` decides about colour and ASCII; the legend may be ``legend_width`` wide. No curve,
    or none with a point, is no chart.

    >>> from runwise_format.document import Line
    >>> steps = range(100)
    >>> drawn = chart([Line("loss", steps, [2 / (1 + step / 9) for step in steps])], 50, 6)
    >>> print(drawn[-1])
    ── loss  last 0.167  min 0.167@99  max 2@0
    """
    lines = [line for line in series if len(line.values)]
    if not lines:
        return []
    pen = _Pen(style, fine=not style.ascii and (style.colour or len(lines) == 1))
    y = scale_of(_heights(lines), log=log)
    rows = max(LOWEST, height) - 2 - bool(y_label)
    ticks = _ticked_rows(y, rows)
    margin = max(map(width_of, ticks.values()), default=1)
    columns = max(NARROWEST, width - margin - 3)
    plot = _Plot(Canvas(columns, rows, braille=pen.fine), Scale(*span(lines)), y)
    _draw(plot, lines, pen)
    drawn = [f"{' ' * margin}   {pen.plain(y_label)}"] if y_label else []
    drawn += _framed(plot, ticks, margin, pen)
    drawn.append(_rule(plot, lines, margin, pen))
    drawn.append(_numbers(plot, margin, pen.plain(x_label), pen))
    names = legend(
        lines, pen.signs(lines), max(width, legend_width), pen.paint, ascii_signs=style.ascii
    )
    return [line.rstrip() for line in drawn] + names


@dataclass(frozen=True, slots=True)
class _Pen:
    """How things are written: in colour or not, in ASCII or not, ``fine`` with dots of braille."""

    style: Style
    fine: bool

    def paint(self, text: str, owner: int) -> str:
        """Return text in the colour of a curve; nobody's is plain."""
        return text if owner < 0 else self._coloured(text, COLOURS[owner % len(COLOURS)])

    def faint(self, text: str) -> str:
        return self._coloured(text, FAINT)

    def red(self, text: str) -> str:
        return self._coloured(text, RED)

    def plain(self, text: str) -> str:
        return ascii_only(text) if self.style.ascii else text

    def frame(self, signs: str) -> str:
        """Return signs of a frame, in ASCII where nothing else can be printed."""
        return signs.translate(_ASCII_FRAME) if self.style.ascii else signs

    def signs(self, lines: Sequence[Line]) -> list[str]:
        """Return what stands for each curve in the legend."""
        if self.fine:
            return ["──"] * len(lines)
        return [MARKS[owner % len(MARKS)] for owner in range(len(lines))]

    def _coloured(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.style.colour and text.strip() else text


_ASCII_FRAME = str.maketrans("┤│└─┬×░", "+|+-+x.")


@dataclass(frozen=True, slots=True)
class _Plot:
    """A canvas between two axes."""

    canvas: Canvas
    x: Scale
    y: Scale

    def dot(self, step: float, value: float) -> tuple[int, int] | None:
        """Return where a point is, None where it has no place."""
        across, up = self.x.at(step), self.y.at(value)
        if math.isnan(across) or math.isnan(up):
            return None
        width, height = self.canvas.width - 1, self.canvas.height - 1
        return round(across * width), round((1 - up) * height)

    def column(self, step: float) -> int:
        return round(self.x.at(step) * (self.canvas.columns - 1))


def _heights(lines: Sequence[Line]) -> Iterator[float]:
    for line in lines:
        yield from line.values
        yield from line.low
        yield from line.high


def _draw(plot: _Plot, lines: Sequence[Line], pen: _Pen) -> None:
    """Draw bands below curves, and the first curve over the others."""
    for owner in reversed(range(len(lines))):
        _shade(plot, lines[owner], owner, pen.frame("░"))
    for owner in reversed(range(len(lines))):
        _trace(plot, lines[owner], owner)


def _trace(plot: _Plot, line: Line, owner: int) -> None:
    """Draw a curve; what has no place breaks it."""
    dots = [plot.dot(*point) for point in zip(line.steps, line.values, strict=True)]
    for before, here in pairwise([None, *dots]):
        if here is not None:
            plot.canvas.line(*(before or here), *here, owner)


def _shade(plot: _Plot, line: Line, owner: int, sign: str) -> None:
    """Fill the cells of a band."""
    canvas = plot.canvas
    for step, low, high in zip(line.steps, line.low, line.high, strict=bool(len(line.low))):
        below = plot.dot(step, plot.y.low if plot.y.log and low <= 0 else low)
        above = plot.dot(step, high)
        if below and above:
            for row in range(above[1] // canvas.down, below[1] // canvas.down + 1):
                canvas.sign(below[0] // canvas.across, row, sign, owner)


def _ticked_rows(scale: Scale, rows: int) -> dict[int, str]:
    """Return the words beside rows."""
    ticks = scale.ticks(max(2, rows // 3 + 1))
    words = zip(ticks, tick_words(ticks), strict=True)
    return {round((1 - scale.at(tick)) * (rows - 1)): word for tick, word in words}


def _framed(plot: _Plot, ticks: Mapping[int, str], margin: int, pen: _Pen) -> Iterator[str]:
    for row, text in enumerate(plot.canvas.draw(pen.paint)):
        side = f"{ticks.get(row, ''):>{margin}} {pen.frame('┤' if row in ticks else '│')}"
        yield f"{pen.faint(side)} {text}"


def _rule(plot: _Plot, lines: Sequence[Line], margin: int, pen: _Pen) -> str:
    """Return the axis below, with a mark where a value is not finite."""
    columns = plot.canvas.columns
    rule = ["─"] * columns
    for tick in _columns(plot):
        rule[plot.column(tick)] = "┬"
    for line in lines:
        for step, value in zip(line.steps, line.values, strict=True):
            if not math.isfinite(value) and math.isfinite(step):
                rule[plot.column(step)] = "×"
    parts = pen.frame(f"{' ' * (margin + 1)}└─{''.join(rule)}").split(mark := pen.frame("×"))
    return pen.red(mark).join(map(pen.faint, parts))


def _numbers(plot: _Plot, margin: int, label: str, pen: _Pen) -> str:
    """Return the numbers below the axis, its name at the right end."""
    columns = plot.canvas.columns
    end = columns - width_of(label)
    text = ""
    ticks = _columns(plot)
    for tick, word in zip(ticks, tick_words(ticks), strict=True):
        begin = max(0, min(plot.column(tick) - len(word) // 2, columns - len(word)))
        if begin + len(word) < end and (not text or begin > len(text)):
            text += " " * (begin - len(text)) + word
    return pen.faint(f"{' ' * (margin + 3)}{text:<{end}}{label}")


def _columns(plot: _Plot) -> list[float]:
    return plot.x.ticks(max(2, plot.canvas.columns // 14))
