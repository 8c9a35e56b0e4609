"""``runwise sync``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.argument("run", default="")
@click.option("--all", "everything", is_flag=True, help="All offline runs not sent yet.")
@common
@pass_session
@click.pass_context
def command(ctx: click.Context, session: Session, *, run: str, everything: bool) -> None:
    """Send offline runs to W&B with wandb sync.

    Reading them here needs no sync. Without RUN, name those that wait. Example: runwise sync --all
    """
    if not run and not everything:
        session.show(runwise.reports.to_sync(session.workspace))
        return
    from runwise.syncing import sync  # noqa: PLC0415 - --help needs none of it

    code, folders = sync(session.workspace, run, everything=everything)
    if not folders and not session.quiet:
        click.echo("nothing to sync: every offline run here was sent", err=True)
    ctx.exit(1 if code else 0)
