"""``runwise best``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

import runwise
from runwise.options import common, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Which runs"


@click.command()
@click.argument("metric")
@click.option("--max", "direction", flag_value="max", help="Higher is better.")
@click.option("--min", "direction", flag_value="min", help="Lower is better.")
@number_option("runs", 10)
@common
@pass_session
def command(
    session: Session, *, metric: str, direction: Literal["min", "max"] | None, limit: int
) -> None:
    """Rank runs by the best value of a metric.

    Over all of each curve, not its end. Example: runwise best val/accuracy -n 3
    """
    session.show(runwise.reports.best(session.workspace, metric, direction=direction, limit=limit))
