"""Points that somebody names by what happened there: a metric's best value, a stage's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import Curve, roles_of
from runwise.errors import NoPoints, near, short, some
from runwise.history import no_metric
from runwise.reference import Point
from runwise_detect import roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runwise_parsers import Run, Series

MOST_STAGES = 8


def settled(run: Run, point: Point, given: Mapping[str, str]) -> tuple[Point, str]:
    """Return a point as a step of a run, and a remark on where that is.

    ``given`` are roles by metric that somebody set.

    Raises ``NoSuchMetric`` for a metric the run does not have, ``NoPoints`` where it has no
    finite value, or no such stage.
    """
    if point.best:
        return _best(run, point.best, given)
    if point.stage:
        return _stage(run, point.stage, given)
    return point, ""


def _best(run: Run, metric: str, given: Mapping[str, str]) -> tuple[Point, str]:
    series = run.series([metric]).get(metric)
    if series is None:
        raise no_metric(metric, list(run.overview(64)))
    curve = Curve(series)
    known = roles.better(metric, given.get(metric))
    _, step = curve.stats.best("max" if known == "max" else "min")
    if step is None:
        problem = f"{short(metric)} has no finite value in {short(run.info.id)}"
        raise NoPoints(problem, "Ask for a step: RUN@5000.")
    which = "highest" if known == "max" else "lowest"
    guess = "" if known else " (low taken for better)"
    return Point(step=step), f"{which} {short(metric)} at step {words.step(step)}{guess}"


def _stage(run: Run, stage: str, given: Mapping[str, str]) -> tuple[Point, str]:
    """Return the last step of a stage, of the metric that says in which stage a row is."""
    names = list(run.overview(64))
    found = [name for name, role in roles_of(names, given).items() if role == "stage"]
    columns = [one for one in run.series(found).values() if len(one)] if found else []
    if not columns:
        problem = f"{short(run.info.id)} logs no stage"
        hint = near("stage", names, 1)
        raise NoPoints(problem, f"Near: {some(hint)}." if hint else "Ask for a step: RUN@5000.")
    column = columns[0]
    wanted = number_in(stage)
    rows = zip(column.steps, column.values, strict=True)
    steps = [step for step, value in rows if value == wanted]
    if not steps:
        raise NoPoints(f"{short(run.info.id)} has no stage {short(stage)}", _stages(column))
    return Point(step=steps[-1]), f"stage {short(stage)} ended at step {words.step(steps[-1])}"


def _stages(column: Series) -> str:
    known = (words.step(value) for value in dict.fromkeys(column.values))
    return f"Its {short(column.name)} was {some(known, MOST_STAGES)}."


def number_in(text: str) -> float | None:
    """Return a text as a number, ``None`` where it is none."""
    try:
        return float(text)
    except ValueError:
        return None
