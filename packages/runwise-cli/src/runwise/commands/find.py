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
    """Find runs by a text in id, name, tags, notes or settings.

    Example: runwise find adamw state:finished
    """
    from runwise.filters.grammar import terms_of  # noqa: PLC0415 - --help needs none of it

    session.show(
        runwise.reports.find(session.workspace, pattern, terms=terms_of(filters), limit=limit)
    )
