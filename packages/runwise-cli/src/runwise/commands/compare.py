"""``runwise compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.options import Finite, common, keys_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Which runs"


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN RUN...")
@keys_option
@click.option(
    "-f", "--filter", "prefix", default="", metavar="PREFIX", help="Names that begin so."
)
@click.option("-g", "--group", is_flag=True, help="A table for each prefix.")
@click.option(
    "-t", "--threshold", type=Finite(), metavar="PERCENT", help="Changes of at least PERCENT."
)
@click.option("-d", "--diff", "config_only", is_flag=True, help="The configurations instead.")
@common
@pass_session
def command(session: Session, *, runs: tuple[str, ...], **options: Any) -> None:
    """Put runs side by side: who is better in what.

    The first is the measure; RUN@5000 is a run at a step.
    Example: runwise compare base@5000 lr-x2@5000 -f val/
    """
    session.show(runwise.reports.compare(session.workspace, runs, **options))
