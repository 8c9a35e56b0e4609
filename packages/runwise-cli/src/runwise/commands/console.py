"""``runwise console``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, number_option, pass_session, run_argument

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@run_argument
@number_option("lines", 40)
@click.option("--errors", is_flag=True, help="Tracebacks and lines that report trouble alone.")
@common
@pass_session
def command(session: Session, *, run: str, limit: int, errors: bool) -> None:
    """Show what a run printed last, without the noise.

    What ended a run that did not finish comes first. Example: runwise console latest --errors
    """
    session.show(runwise.reports.console(session.workspace, run, limit=limit, errors=errors))
