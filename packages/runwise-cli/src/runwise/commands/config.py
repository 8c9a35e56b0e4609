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
@common
@pass_session
def command(session: Session, *, run: str) -> None:
    """Show a run's configuration; secrets are left out.

    Example: runwise config latest~1
    """
    session.show(runwise.reports.config(session.workspace, run))
