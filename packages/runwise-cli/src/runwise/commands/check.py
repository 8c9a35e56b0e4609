"""``runwise check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, from_log_option, keys_option, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@click.argument("named", nargs=-1, metavar="[RUN|FILTER]...")
@click.option("--all", "everything", is_flag=True, help="All runs, the sickest first.")
@keys_option
@number_option("findings, or runs", 20)
@click.option(
    "--fail-on", type=click.Choice(["critical", "warning", "info"]), default="warning",
    show_default=True, help="Exit with 1 from this severity on.",
)  # fmt: skip
@from_log_option
@common
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    *,
    named: tuple[str, ...],
    everything: bool,
    keys: tuple[str, ...],
    limit: int,
    fail_on: str,
) -> None:
    """Say what is wrong with a run, or with several.

    Exits with 0 if nothing as grave as --fail-on was found, 1 if something was, 2 if a run
    could not be judged. Example: runwise check latest --fail-on critical
    """
    from runwise.filters.grammar import parted  # noqa: PLC0415 - --help needs none of it

    runs, terms = parted(named)
    reports, options = runwise.reports, {"keys": keys, "limit": limit}
    if everything or terms or len(runs) > 1:
        asked = () if everything else runs
        document = reports.check_runs(session.workspace, asked, terms=terms, **options)
    else:
        document = reports.check(session.workspace, runs[0] if runs else "latest", **options)
    session.show(document)
    ctx.exit(reports.outcome(document, fail_on))
