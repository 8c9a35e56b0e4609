"""``runwise stability``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.options import (
    Spelled,
    common,
    from_log_option,
    keys_option,
    pass_session,
    run_argument,
)

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Its curves"


@click.command()
@run_argument
@keys_option
@click.option(
    "-w", "--window", type=int, default=100, show_default=True, metavar="N",
    help="Points looked at together.",
)  # fmt: skip
@click.option("--csv", "rows", is_flag=True, help="Rolling mean and deviation as CSV rows.")
@click.option(
    "-n", "--points", "--samples", "points", cls=Spelled, type=int, default=100,
    show_default=True, metavar="N", help="Rows of --csv, 8 or more.",
)  # fmt: skip
@from_log_option
@common
@pass_session
def command(session: Session, *, run: str, rows: bool, points: int, **options: Any) -> None:
    """Say how steady metrics are.

    Slope per 1,000 steps, rolling deviation and its course, STABLE, MODERATE or NOISY.
    Example: runwise stability latest -k 'val/*' -w 20
    """
    if rows:
        from runwise import save  # noqa: PLC0415 - --help needs none of it

        document = runwise.reports.rolling_rows(session.workspace, run, points=points, **options)
        save.show(document, session.output or "csv", session)
    else:
        session.show(runwise.reports.stability(session.workspace, run, **options))
