"""``runwise best``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.options import common, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Which runs"


@click.command()
@click.argument("metric")
@click.argument("filters", nargs=-1, metavar="[FILTER]...")
@click.option("--max", "direction", flag_value="max", help="Higher is better.")
@click.option("--min", "direction", flag_value="min", help="Lower is better.")
@number_option("runs", 10)
@common
@pass_session
def command(session: Session, *, metric: str, filters: tuple[str, ...], **options: Any) -> None:
    """Rank runs by the best value of a metric.

    Over all of each curve, not its end. Example: runwise best val/accuracy -n 3 tag:sweep
    """
    from runwise.filters.grammar import terms_of  # noqa: PLC0415 - --help needs none of it

    terms = terms_of(filters)
    session.show(runwise.reports.best(session.workspace, metric, terms=terms, **options))
