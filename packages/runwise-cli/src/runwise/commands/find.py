"""``runwise find``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Which runs"


@click.command()
@click.argument("pattern")
@click.argument("filters", nargs=-1, metavar="[FILTER]...")
@number_option("runs", 20)
@common
@pass_session
def command(session: Session, *, pattern: str, filters: tuple[str, ...], limit: int) -> None:
    """Find runs by a text in id, name, tags, notes or settings. A filter alone will do.

    Example: runwise find adamw state:finished
    """
    from runwise.filters.grammar import is_term, terms_of  # noqa: PLC0415 - not for --help

    if is_term(pattern):
        terms = terms_of((pattern, *filters))
        session.show(runwise.reports.list_runs(session.workspace, terms=terms, limit=limit))
        return
    session.show(
        runwise.reports.find(session.workspace, pattern, terms=terms_of(filters), limit=limit)
    )
