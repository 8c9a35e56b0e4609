"""Curves of one or several runs on panels: what belongs together shares one.

Training and validation loss do, and so do metrics that are called alike behind their last
slash. Anything else would squeeze one curve flat under another. Of several runs, every metric
has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import axis, words
from runwise.bands import band
from runwise_format.document import Chart, Line
from runwise_sampling import downsample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.reports.strips import Strip, Wish

LOSSES = ("train_loss", "val_loss")
MOST = 8
"""Curves of a panel: as many colours as can be told apart."""


def families(strips: Sequence[Strip]) -> dict[str, list[str]]:
    """Return the metrics of all runs by what they are called together, in order."""
    found: dict[str, list[str]] = {}
    for strip in strips:
        for name in strip.curves:
            role = strip.seen.known.roles.get(name, "")
            family = name if len(strips) > 1 else _family(name, role)
            if name not in found.setdefault(family, []):
                found[family].append(name)
    return found


def flat(names: Sequence[str], strips: Sequence[Strip]) -> bool:
    """Return whether curves never move: there is nothing to see, so others come first."""
    curves = [
        strip.curves[name].values for strip in strips for name in names if name in strip.curves
    ]
    return all(value == one[0] for one in curves for value in one)


def _family(name: str, role: str) -> str:
    return "loss" if role in LOSSES else name.rpartition("/")[2] or name


def chart(family: str, names: Sequence[str], strips: Sequence[Strip], wish: Wish) -> Chart:
    """Return the panel of one family, at most eight curves."""
    lines = _bands(names, strips, wish) if wish.band else _lines(names, strips, wish)
    left = len(lines) - MOST
    thinned = "" if wish.band else _thinned(names, strips, wish)
    note = "; ".join(filter(None, [_note(strips, wish), thinned, _more(left)]))
    title = names[0] if len(names) == 1 else family
    label = {axis.STEP: "step", axis.TIME: "seconds"}.get(wish.x, wish.x)
    return Chart(
        f"{family}_curves", lines[:MOST], title=title,
        x_label="seconds" if wish.system else label, log_y=wish.log, note=note,
    )  # fmt: skip


def _thinned(names: Sequence[str], strips: Sequence[Strip], wish: Wish) -> str:
    """Return that not all points are drawn; ends, extremes and the first NaN always are."""
    most = max(
        (len(one) for strip in strips for name, one in strip.curves.items() if name in names),
        default=0,
    )
    return f"{wish.points} of {most} points" if most > wish.points else ""


def _more(left: int) -> str:
    return f"{words.count(left, 'more curve')} not drawn" if left > 0 else ""


def _lines(names: Sequence[str], strips: Sequence[Strip], wish: Wish) -> list[Line]:
    lines: list[Line] = []
    for name in names:
        for strip in strips:
            if name in strip.curves:
                one = strip.curves[name]
                steps, values = downsample(one.steps, one.values, wish.points)
                role = strip.seen.known.roles.get(name, "")
                lines.append(Line(_called(name, strip, names, strips), steps, values, role))
    return lines


def _called(name: str, strip: Strip, names: Sequence[str], strips: Sequence[Strip]) -> str:
    """Return what tells a curve from the others of its panel."""
    if len(strips) == 1:
        return name
    return strip.label if len(names) == 1 else f"{strip.label} {name}"


def _bands(names: Sequence[str], strips: Sequence[Strip], wish: Wish) -> list[Line]:
    lines: list[Line] = []
    for name in names:
        for group, members in grouped(strips).items():
            curves = [strip.curves[name] for strip in members if name in strip.curves]
            called = group or f"mean of {words.count(len(curves), 'run')}"
            if len(names) > 1:
                called = f"{called} {name}"
            line = band(called, curves, wish.points)
            if len(line.values):
                lines.append(line)
    return lines


def grouped(strips: Sequence[Strip]) -> dict[str, list[Strip]]:
    """Return runs by their tracker's group; those without one belong together."""
    found: dict[str, list[Strip]] = {}
    for strip in strips:
        found.setdefault(strip.seen.info.group or "", []).append(strip)
    return found


def _note(strips: Sequence[Strip], wish: Wish) -> str:
    """Return what was done to the numbers: a picture must say so itself."""
    said: list[str] = []
    if wish.band:
        sizes = "+".join(str(len(members)) for members in grouped(strips).values())
        said.append(f"mean and standard deviation over {sizes} runs")
    if wish.smooth > 1:
        said.append(f"smoothed: each point the mean of {wish.smooth | 1}")
    return ", ".join(said)
