"""``runwise check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, keys_option, number_option, pass_session, run_argument

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@run_argument
@keys_option
@number_option("findings", 20)
@click.option(
    "--fail-on", type=click.Choice(["critical", "warning", "info"]), default="warning",
    show_default=True, help="Exit with 1 from this severity on.",
)  # fmt: skip
@common
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    *,
    run: str,
    keys: tuple[str, ...],
    limit: int,
    fail_on: str,
) -> None:
    """Say what is wrong with a run.

    Exits with 0 if nothing as grave as --fail-on was found, 1 if something was, 2 if the run
    could not be judged. Example: runwise check latest --fail-on critical
    """
    document = runwise.reports.check(session.workspace, run, keys=keys, limit=limit)
    session.show(document)
    ctx.exit(runwise.reports.outcome(document, fail_on))
