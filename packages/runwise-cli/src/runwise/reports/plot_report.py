"""Curves as a picture: of one run, of several over each other, or of seeds as a band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import axis, words
from runwise.errors import BadSetting, some
from runwise.reports import parts
from runwise.reports.nothing import why_nothing
from runwise.reports.panels import chart, families, flat
from runwise.reports.strips import Strip, Wish, read_strips
from runwise.window import Window
from runwise_format import Document, Fields, Notes
from runwise_format.shape import span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.workspace import Workspace
    from runwise_format.document import Chart

MOST = 12
"""Runs of a picture."""
EVERYTHING = Window()


def plot(
    workspace: Workspace,
    refs: Sequence[str] = ("latest",),
    *,
    keys: Sequence[str] = (),
    x: str = axis.STEP,
    window: Window = EVERYTHING,
    log: bool = False,
    smooth: int = 1,
    band: bool = False,
    system: bool = False,
    panels: int = 1,
) -> Document:
    """Return the curves of runs as charts: those of ``keys``, or the most telling ones.

    Without ``keys`` there are at most ``panels`` charts. ``smooth`` is the number of points each
    drawn one is the mean of, ``band`` draws mean and standard deviation over the runs (over the
    runs of each group, where they have groups), ``log`` asks for a logarithmic axis.

    Raises ``NoRuns``, ``NoSuchRun``, ``NoSuchMetric``, ``NoPoints`` and ``BadSetting``.
    """
    wish = Wish(tuple(keys), x, window, smooth, band, log, system)
    _check(refs, wish)
    strips = read_strips(workspace, refs, wish)
    charts, left = charts_of(strips, wish, panels)
    return Document(
        kind="plot",
        title=_title(strips),
        verdict=f"{_title(strips)}: {_what(charts)}",
        blocks=[_runs(strips), *charts, _notes(workspace, strips, left, window.said)],
        more=_more(workspace, strips, charts),
    )


def charts_of(strips: Sequence[Strip], wish: Wish, panels: int) -> tuple[list[Chart], int]:
    """Return the charts of runs, and how many metrics are not on them."""
    found = families(strips)
    names = list(found) if wish.keys else sorted(found, key=lambda one: flat(found[one], strips))
    names = names if wish.keys else names[:panels]
    charts = [chart(name, found[name], strips, wish) for name in names]
    shown = [one for one in charts if any(len(line.values) for line in one.curves)]
    return shown, sum(len(found[name]) for name in found if name not in names)


def _check(refs: Sequence[str], wish: Wish) -> None:
    if len(refs) > MOST:
        raise BadSetting(f"{len(refs)} runs are too many for a picture", f"Name {MOST} at most.")
    if wish.smooth < 1:
        raise BadSetting(f"--smooth {wish.smooth} is no number of points", "Use --smooth 20.")
    if wish.band and len(refs) < 2:
        raise BadSetting("a band is over two runs or more", "Name them: runwise plot A B --band")


def _title(strips: Sequence[Strip]) -> str:
    if len(strips) == 1:
        return parts.label(strips[0].seen.info)
    return some((strip.label for strip in strips), 4)


def _what(charts: Sequence[Chart]) -> str:
    """Return what is drawn, in words."""
    if not charts:
        return "nothing to draw"
    first, last = span([line for one in charts for line in one.curves])
    over = f"{charts[0].x_label}{'s' * (charts[0].x_label == axis.STEP)}"
    drawn = some((one.title for one in charts), 4)
    log = ", logarithmic" if any(one.log_y for one in charts) else ""
    return f"{drawn} over {over} {words.step(first)} to {words.step(last)}{log}"


def _runs(strips: Sequence[Strip]) -> Fields:
    if len(strips) == 1:
        seen = strips[0].seen
        facts = {"id": seen.info.id, "state": seen.info.state, "at_step": seen.at}
        return Fields("run", facts, quiet=True)
    return Fields("runs", {strip.seen.info.id: strip.label for strip in strips}, quiet=True)


def _notes(workspace: Workspace, strips: Sequence[Strip], left: int, said: str) -> Notes:
    more = f"{words.count(left, 'more metric')}: choose with -k" if left else ""
    remarks = [
        f"{strip.label}: {remark}" if len(strips) > 1 else remark
        for strip in strips
        for remark in (*strip.remarks, why_nothing(workspace, strip.seen))
        if remark
    ]
    gaps = [gap for strip in strips for gap in strip.seen.gaps]
    return parts.notes(gaps, said, *remarks, more)


def _more(workspace: Workspace, strips: Sequence[Strip], charts: Sequence[Chart]) -> str:
    handles = [workspace.handle(strip.seen.info) for strip in strips]
    if len(handles) > 1:
        return workspace.command("compare", *handles)
    return workspace.command("history" if charts else "run", handles[0])
