"""``runwise cache``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.argument("action", type=click.Choice(["info", "clear"]), default="info")
@common
@pass_session
def command(session: Session, action: str) -> None:
    """Show what is remembered of runs and where, or forget it.

    Only runwise writes there; deleting it costs nothing but time. RUNWISE_CACHE_DIR moves it,
    RUNWISE_CACHE_MB and RUNWISE_REMOTE_MB (fetched runs) bound it. Example: runwise cache clear
    """
    report = runwise.reports.cache_cleared if action == "clear" else runwise.reports.cache
    session.show(report())
