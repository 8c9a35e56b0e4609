"""``runwise config``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, pass_session, run_argument

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@run_argument
@click.option("--show-settings", is_flag=True, help="The settings of runwise, and from where.")
@common
@pass_session
def command(session: Session, *, run: str, show_settings: bool) -> None:
    """Show a run's configuration; secrets are left out.

    Example: runwise config latest~1
    """
    if show_settings:
        session.show(runwise.reports.settings(session.workspace))
    else:
        session.show(runwise.reports.config(session.workspace, run))
