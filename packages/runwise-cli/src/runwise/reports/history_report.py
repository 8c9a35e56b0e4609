"""Curves: as rows of means for readers, or as points of the data for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import axis, sheet, words
from runwise.curves import Curve, ordered
from runwise.errors import BadSetting, near, some
from runwise.history import pick
from runwise.reports import parts
from runwise.reports.extremes import extremes, oddest
from runwise.reports.nothing import why_nothing
from runwise.reports.reading import look
from runwise.stretches import newest, stretches
from runwise.window import Window
from runwise_format import Column, Document, Fields, Table
from runwise_sampling import known_methods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.curves import Study
    from runwise.reports.reading import Reading
    from runwise.sheet import Sheet
    from runwise.stretches import Stretch
    from runwise.workspace import Workspace
    from runwise_format.cells import Cell

VALUES = 330
"""Values in an answer where nobody says how many: it costs less than 1,000 tokens."""
POINTS = 500
LEAST = 8
METRICS = 6
EVERYTHING = Window()


def history(
    workspace: Workspace,
    ref: str = "latest",
    *,
    keys: Sequence[str] = (),
    points: int | None = None,
    window: Window = EVERYTHING,
    method: str = "",
    x: str = axis.STEP,
    exact: bool = False,
    system: bool = False,
) -> Document:
    """Return the curves of a run, at most ``points`` rows (at least 8).

    For readers the rows are a regular grid of means, with the extremes and what is not finite
    beside it; where the points are few, the points. With ``exact``, or a sampling ``method``,
    rows are points of the data, each metric sampled on its own steps. With ``system``, the
    curves are those of the machine (GPU, memory ...), over seconds since the run began.

    Raises ``NoRuns``, ``NoSuchRun``, ``NoSuchMetric``, ``NoPoints`` and ``BadSetting``.
    """
    _check(points, method)
    seen = look(workspace, ref, keys if x == axis.STEP else axis.needs(x), system=system)
    names = _chosen(seen.known, keys)
    place = axis.axis_of(x, seen.known)
    whole = window.of(_limited(seen.known, [*names, place]))
    curves, lost = axis.over(whole, place, names)
    if exact or method:
        shown = sheet.exact(curves, names, points or POINTS, method or "minmax-lttb")
        hidden = 0
    else:
        merged, hidden = newest(curves)
        shown = sheet.means(merged, names, points or max(LEAST, VALUES // max(1, len(names))))
        curves = [merged]
    said = (_lost(lost, place), _hidden(hidden), _left_out(seen, names, keys))
    remarks = (*seen.remarks, window.said, *said)
    beside = [extremes(curves, names)] if shown.width else []
    return Document(
        kind="history",
        title=parts.label(seen.info),
        verdict=_verdict(seen, shown, names),
        blocks=[
            _facts(seen, shown),
            *beside,
            _table(seen.known, shown, axis.TIME if system else place),
            parts.notes(seen.gaps, *remarks, why_nothing(workspace, seen)),
        ],
        more=_more(workspace, seen, names, curves, shown),
    )


def _check(points: int | None, method: str) -> None:
    if points is not None and points < LEAST:
        raise BadSetting(
            f"{points} points are too few for ends and extremes", f"Use -n {LEAST} or more."
        )
    if method and method not in known_methods():
        close = near(method, known_methods(), 1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {some(known_methods(), 9)}."
        raise BadSetting(f"no sampling method '{method}'", hint)


def _chosen(known: Study, keys: Sequence[str]) -> list[str]:
    """Return the metrics asked for, or the main ones by their roles."""
    if keys:
        return pick(keys, list(known.curves))
    main, others = ordered(known)
    return [one.name for one in (main or others)[:METRICS]]


def _limited(known: Study, names: Sequence[str]) -> list[Stretch]:
    series = {name: known.curves[name].series for name in names if name in known.curves}
    return stretches(series, known.resumed)


def _facts(seen: Reading, shown: Sheet) -> Fields:
    items: dict[str, Cell] = {
        "id": seen.info.id,
        "state": seen.info.state,
        "at_step": seen.at,
        "rows": len(shown.places),
        "width": shown.width or None,
    }
    return Fields("run", items, quiet=True)


def _verdict(seen: Reading, shown: Sheet, names: Sequence[str]) -> str:
    said = parts.label(seen.info)
    if not shown.places:
        return f"{said} {parts.state(seen.info)}: no metric logged"
    count = words.count(len(shown.places), "row")
    what = f"each the mean of {words.step(shown.width)} from there" if shown.width else "as logged"
    return f"{said}: {words.count(len(names), 'metric')}, {count}, {what}"


def _table(known: Study, shown: Sheet, place: str) -> Table:
    key, label, unit = axis.labels(place, known.roles)
    columns = [Column(key, label, "step", unit)]
    columns += [Column(name, role="number") for name in shown.columns]
    return Table("curve", columns, shown.rows(), importance=70)


def _lost(points: int, place: str) -> str:
    return f"{words.count(points, 'point')} came before the first {place}" if points else ""


def _hidden(points: int) -> str:
    if not points:
        return ""
    return f"steps go back: {words.count(points, 'point')} logged again later; csv shows them"


def _left_out(seen: Reading, names: Sequence[str], keys: Sequence[str]) -> str:
    left = len(seen.known.curves) - len(names)
    return f"{words.count(left, 'more metric')}: choose with -k" if left > 0 and not keys else ""


def _more(
    workspace: Workspace,
    seen: Reading,
    names: Sequence[str],
    curves: Sequence[Stretch],
    shown: Sheet,
) -> str:
    """Return how to look closer: at the first value that is not finite, or at the highest."""
    handle = workspace.handle(seen.info)
    if not shown.places:
        return workspace.command("run", handle)
    if not shown.width:
        return workspace.command("stats", handle)
    known = [Curve(one[name]) for one in curves for name in names if name in one]
    odd = [one for one in known if one.stats.count < one.stats.total]
    one = (odd or known)[0]
    step = oddest(one)
    if step is None:
        return workspace.command("stats", handle)
    return workspace.command("history", handle, "-k", one.name, "--around", words.step(step))
