"""``runwise artifacts``."""

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
@click.argument("name", required=False)
@number_option("files", 30)
@common
@pass_session
def command(session: Session, *, run: str, name: str | None, limit: int) -> None:
    """List the files a run stored, or read a small text one.

    Example: runwise artifacts latest model/MLmodel.yaml
    """
    reports, workspace = runwise.reports, session.workspace
    if name:
        session.show(reports.artifact(workspace, run, name))
    else:
        session.show(reports.artifacts(workspace, run, limit=limit))
