"""``runwise list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, keys_option, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@keys_option
@number_option("runs", 15)
@common
@pass_session
def command(session: Session, keys: tuple[str, ...], limit: int) -> None:
    """Show the newest runs, a line each.

    Example: runwise list -n 5 -k val/loss
    """
    session.show(runwise.reports.list_runs(session.workspace, limit=limit, keys=keys))
