"""``runwise stats``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import (
    common,
    from_log_option,
    keys_option,
    number_option,
    pass_session,
    run_argument,
    system_option,
)

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Its curves"


@click.command()
@run_argument
@keys_option
@system_option
@number_option("metrics", 24)
@from_log_option
@common
@pass_session
def command(
    session: Session, *, run: str, keys: tuple[str, ...], limit: int, system: bool
) -> None:
    """Give exact statistics of metrics.

    Count, extremes with their steps, mean, deviation, last and best value, NaN, over all points.
    Example: runwise stats latest -k 'val/*'
    """
    session.show(
        runwise.reports.stats(session.workspace, run, keys=keys, limit=limit, system=system)
    )
