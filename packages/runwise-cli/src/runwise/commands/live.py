"""``runwise live``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import Finite, common, pass_session, run_argument

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@run_argument
@click.option("--since", type=Finite(), metavar="STEP", help="Only what is new behind STEP.")
@common
@pass_session
def command(session: Session, *, run: str, since: float | None) -> None:
    """Show the newest values of a run, logged or printed.

    And its last validation lines. Example: runwise live --since 5000
    """
    session.show(runwise.reports.live(session.workspace, run, since=since))
