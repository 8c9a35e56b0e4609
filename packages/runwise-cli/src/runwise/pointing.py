"""A point of a run that somebody names on its own: ``--around best:val/loss``."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import BadSetting, NoPoints, short
from runwise.points import number_in, settled
from runwise.reference import Point, place_of, split

if TYPE_CHECKING:
    from runwise.workspace import Workspace


def step_of(workspace: Workspace, ref: str, text: str) -> tuple[float, str]:
    """Return the step of a run that somebody names, and a remark on where that is.

    As ``5000``, ``50%``, ``best:val/loss`` or ``stage:3``, with an ``@`` before it or without.

    Raises ``BadSetting`` for what names no point, what ``settled`` raises, ``NoRuns`` and
    ``NoSuchRun``.
    """
    wanted = _named(text.removeprefix("@"))
    if wanted.step is not None:
        return wanted.step, ""
    info, _, _ = workspace.resolve(ref)
    point, said = settled(workspace.open(info), wanted, workspace.settings.roles)
    if point.step is not None:
        return point.step, said
    known = workspace.study(info).learned.study()
    if known.first_step is None or known.last_step is None:
        raise NoPoints(f"{short(info.id)} logged no metric", "See: runwise console")
    step = point.on(known.first_step, known.last_step)
    return step, f"{text.removeprefix('@')} of its steps is step {words.step(step)}"


def _named(text: str) -> Point:
    point = split(f"RUN@{text}")[1] or place_of(text)
    number = number_in(text) if point is None else None  # a step may be negative
    if point is None and (number is None or not isfinite(number)):
        problem = f"'{short(text)}' is no point of a run"
        raise BadSetting(problem, "Write 5000, 50%, best:val/loss or stage:3.")
    return point or Point(step=number)
