"""``runwise doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@common
@pass_session
def command(session: Session) -> None:
    """Say what can be read here, what cannot and why.

    And which extras are missing. Example: runwise -C ~/project doctor
    """
    session.show(runwise.reports.doctor(session.workspace))
