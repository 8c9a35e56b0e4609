"""``runwise list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, keys_option, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.argument("path", default="")
@keys_option
@number_option("runs", 15)
@click.option("--all", "deleted", is_flag=True, help="Deleted runs too.")
@common
@pass_session
def command(
    session: Session, *, path: str, keys: tuple[str, ...], limit: int, deleted: bool
) -> None:
    """Show the newest runs, a line each: all, or those in a directory or a file.

    Example: runwise list -n 5 -k val/loss, or: runwise list mlflow.db
    """
    workspace = session.workspace.below(path) if path else session.workspace
    session.show(runwise.reports.list_runs(workspace, limit=limit, keys=keys, deleted=deleted))
