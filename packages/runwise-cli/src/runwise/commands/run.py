"""``runwise run``."""

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
)

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@run_argument
@keys_option
@number_option("metrics in full", 8)
@click.option("--no-anomalies", is_flag=True, help="Do not look for trouble.")
@from_log_option
@common
@pass_session
def command(
    session: Session, *, run: str, keys: tuple[str, ...], limit: int, no_anomalies: bool
) -> None:
    """Summarise a run: progress, age of the data, trouble, metrics.

    Example: runwise run bert-large@5000 -k 'train/*'
    """
    session.show(
        runwise.reports.summary(
            session.workspace, run, keys=keys, limit=limit, anomalies=not no_anomalies
        )
    )
