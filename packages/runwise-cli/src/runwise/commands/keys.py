"""``runwise keys``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, keys_option, pass_session, run_argument, system_option

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@run_argument
@keys_option
@system_option
@click.option("--all", "internal", is_flag=True, help="The tracker's own keys too.")
@common
@pass_session
def command(
    session: Session, *, run: str, keys: tuple[str, ...], internal: bool, system: bool
) -> None:
    """Name a run's metrics, and how many points each has.

    Example: runwise keys latest -k 'val/*'
    """
    session.show(
        runwise.reports.keys(
            session.workspace, run, patterns=keys, internal=internal, system=system
        )
    )
