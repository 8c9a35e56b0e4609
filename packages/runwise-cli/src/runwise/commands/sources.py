"""``runwise sources``."""

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
    """Name the formats of logs that can be read, plugged ones too.

    Example: runwise sources --format json
    """
    session.show(runwise.reports.sources())
