"""``runwise explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.argument("kind", required=False)
@common
@pass_session
def command(session: Session, *, kind: str | None) -> None:
    """Say what a kind of finding means, how it is found, and when it keeps silent.

    Without a kind, name them all. Example: runwise explain loss_spike
    """
    reports = runwise.reports
    session.show(reports.explain(kind) if kind else reports.kinds())
