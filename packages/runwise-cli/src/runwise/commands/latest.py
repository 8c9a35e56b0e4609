"""``runwise latest``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, keys_option, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@keys_option
@number_option("metrics in full", 8)
@click.option("--no-anomalies", is_flag=True, help="Do not look for trouble.")
@common
@pass_session
def command(session: Session, *, keys: tuple[str, ...], limit: int, no_anomalies: bool) -> None:
    """Summarise the newest run.

    That is one that is running, or the last that was. Example: runwise latest --max-tokens 200
    """
    session.show(
        runwise.reports.summary(
            session.workspace, "latest", keys=keys, limit=limit, anomalies=not no_anomalies
        )
    )
