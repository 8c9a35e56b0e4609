"""A chart on a page: curves as SVG with title and description, and its points for the script.

Everything a reader needs is drawn here: without the script there is no pointing and zooming,
and nothing else is missing. Points are plain numbers in a data block that runs nowhere; in
them ``<`` and its like are written as escapes.
"""

from __future__ import annotations

import json
import math
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from runwise_format.numbers import decimal, exact_step
from runwise_format.scale import Scale, scale_of, tick_words
from runwise_format.shape import ends, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runwise_format.cells import At
    from runwise_format.document import Chart, Line

WIDTH, HEIGHT = 760, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 12, 40
COLOURS = 8
_HEADS = ("curve", "last", "min", "max", "not finite")


def figure(chart: Chart, number: int) -> list[str]:
    """Return a chart as HTML, empty where it has no point; ``number`` makes its ids unique."""
    drawn = [line for line in chart.curves if len(line.values)]
    if not drawn:
        return []
    y = scale_of(_heights(drawn), log=chart.log_y)
    x = Scale(*span(drawn))
    title = escape(chart.title or ", ".join(line.name for line in drawn[:3]))
    names = f"chart{number}-title chart{number}-about"
    return [
        "<figure>",
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{names}">',
        f'<title id="chart{number}-title">{title}</title>',
        f'<desc id="chart{number}-about">{escape(_told(drawn, chart))}</desc>',
        f'<g class="grid">{_grid(x, y)}</g>',
        f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{_across()}" height="{_down()}"/>',
        *(_band(line, x, y, owner) for owner, line in enumerate(drawn)),
        *(_curve(line, x, y, owner) for owner, line in enumerate(drawn)),
        f'<g class="odd">{_odd(drawn, x)}</g>',
        _labels(chart, log=y.log),
        "</svg>",
        *_legend(drawn),
        f'<script type="application/json">{_data(chart, drawn, log=y.log)}</script>',
        *([f"<figcaption>{escape(chart.note)}</figcaption>"] if chart.note else []),
        "</figure>",
    ]


def _across() -> int:
    return WIDTH - LEFT - RIGHT


def _down() -> int:
    return HEIGHT - TOP - BOTTOM


def _heights(lines: Sequence[Line]) -> Iterator[float]:
    for line in lines:
        yield from line.values
        yield from line.low
        yield from line.high


def _place(x: Scale, y: Scale, step: float, value: float) -> str | None:
    """Return a place on the picture, None for what has none; what is outside stays near."""
    across, up = x.at(step), y.at(value)
    if math.isnan(across) or math.isnan(up):
        return None
    return f"{LEFT + across * _across():.1f} {TOP + (1 - up) * _down():.1f}"


def _stretches(places: Iterable[str | None]) -> Iterator[list[str]]:
    for known, stretch in groupby(places, key=lambda place: place is not None):
        if known:
            yield [place for place in stretch if place is not None]


def _curve(line: Line, x: Scale, y: Scale, owner: int) -> str:
    places = (_place(x, y, *point) for point in zip(line.steps, line.values, strict=True))
    path = "".join(
        f"M{stretch[0]}" + ("L" + " ".join(stretch[1:]) if stretch[1:] else "h0")
        for stretch in _stretches(places)
    )
    name = f"<title>{escape(line.name)}</title>"
    return f'<path class="curve {_colour(owner)}" d="{path}">{name}</path>'


def _colour(owner: int) -> str:
    return f"c{owner % COLOURS}" + (" later" if owner >= COLOURS else "")


def _band(line: Line, x: Scale, y: Scale, owner: int) -> str:
    if not len(line.low):
        return ""
    low = [y.low if y.log and value <= 0 else value for value in line.low]
    above = [_place(x, y, *point) for point in zip(line.steps, line.high, strict=True)]
    below = [_place(x, y, *point) for point in zip(line.steps, low, strict=True)]
    edges = [pair for pair in zip(above, below, strict=True) if None not in pair]
    if not edges:
        return f'<path class="band f{owner % COLOURS}" d=""/>'
    there = [str(top) for top, _ in edges] + [str(bottom) for _, bottom in reversed(edges)]
    return f'<path class="band f{owner % COLOURS}" d="M{"L".join(there)}Z"/>'


def _grid(x: Scale, y: Scale) -> str:
    parts: list[str] = []
    rows = y.ticks(6)
    for tick, word in zip(rows, tick_words(rows), strict=True):
        up = TOP + (1 - y.at(tick)) * _down()
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up:.1f}" y2="{up:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{up + 4:.1f}" text-anchor="end">{word}</text>')
    columns = x.ticks(8)
    for tick, word in zip(columns, tick_words(columns), strict=True):
        at = LEFT + x.at(tick) * _across()
        base = HEIGHT - BOTTOM
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{base}"/>')
        parts.append(f'<text x="{at:.1f}" y="{base + 17}" text-anchor="middle">{word}</text>')
    return "".join(parts)


def _odd(lines: Sequence[Line], x: Scale) -> str:
    """Return a mark at the lower edge for every value that is not finite."""
    base = HEIGHT - BOTTOM
    return "".join(
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{base}" y2="{base - 9}">'
        f"<title>{escape(name)} {decimal(value)} at {exact_step(step)}</title></line>"
        for name, step, value in (
            (line.name, step, value)
            for line in lines
            for step, value in zip(line.steps, line.values, strict=True)
            if not math.isfinite(value) and math.isfinite(step)
        )
        for at in [LEFT + x.at(step) * _across()]
    )


def _labels(chart: Chart, *, log: bool) -> str:
    below = f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(chart.x_label)}'
    side = " ".join(filter(None, [chart.y_label, "(log)" if log else ""]))
    beside = f'<text x="{LEFT + 6}" y="{TOP + 14}" class="side">{escape(side)}</text>'
    return f"{below}</text>{beside}"


def _told(lines: Sequence[Line], chart: Chart) -> str:
    """Return the chart in words, for who cannot see it."""
    first, last = span(lines)
    said = [f"Over {chart.x_label} {exact_step(first)} to {exact_step(last)}."]
    for line in lines:
        known = ends(line)
        parts = [f"last {decimal(known.last)}"] if known.last is not None else []
        parts += [f"lowest {_at(known.low)}", f"highest {_at(known.high)}"] if known.low else []
        parts += [f"{known.odd} not finite"] if known.odd else []
        said.append(f"{line.name}: {', '.join(parts)}.")
    return " ".join(said)


def _at(at: At | None) -> str:
    if at is None or at.value is None or at.step is None:
        return ""
    return f"{decimal(at.value)} @ {exact_step(at.step)}"


def _legend(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the legend, which is also the table of what a picture does not tell exactly."""
    odd = any(ends(line).odd for line in lines)
    heads = [head for head in _HEADS if odd or head != "not finite"]
    marks = "".join(
        f'<th scope="col"{"" if place == 0 else " class=n"}>{head}</th>'
        for place, head in enumerate(heads)
    )
    yield '<div class="wide"><table class="legend"><caption>curves</caption>'
    yield f"<thead><tr>{marks}</tr></thead><tbody>"
    for owner, line in enumerate(lines):
        known = ends(line)
        cells = [
            "" if known.last is None else decimal(known.last),
            _at(known.low),
            _at(known.high),
            *([str(known.odd or "")] if odd else []),
        ]
        key = (
            f'<svg class="key" viewBox="0 0 24 8" aria-hidden="true">'
            f'<line class="{_colour(owner)}" x1="0" x2="24" y1="4" y2="4"/></svg>'
        )
        name = escape(f"{line.name} {line.unit}".rstrip())
        row = "".join(f"<td class=n>{escape(cell)}</td>" for cell in cells)
        yield f'<tr><th scope="row">{key}<span class="name">{name}</span></th>{row}</tr>'
    yield "</tbody></table></div>"


def _data(chart: Chart, lines: Sequence[Line], *, log: bool) -> str:
    """Return what the script needs, such that no text in it can end the block."""
    curves = [
        {
            "name": line.name,
            "steps": [_number(step) for step in line.steps],
            "values": [_number(value) for value in line.values],
            "low": [_number(value) for value in line.low],
            "high": [_number(value) for value in line.high],
        }
        for line in lines
    ]
    box = [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM]
    data = {"x": chart.x_label, "y": chart.y_label, "log": log, "box": box, "curves": curves}
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _number(value: float) -> float | str:
    value = float(value)
    if math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < 2**53 else float(f"{value:.7g}")
    return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
