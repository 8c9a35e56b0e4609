"""``runwise demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import runwise
from runwise.demo import copy_demo, demo_root
from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Copy the example runs there."
)
@common
@pass_session
def command(session: Session, out: Path | None) -> None:
    """Show runwise at work on five real runs: list, one sick run, where to go next.

    Example: runwise demo --out demo && runwise -C demo list
    """
    session.root = copy_demo(out) if out else demo_root()
    workspace = session.workspace
    where = f"runwise -C {session.root}"
    for title, document in (
        (f"$ {where} list", runwise.reports.list_runs(workspace)),
        (f"$ {where} run nan", runwise.reports.summary(workspace, "nan")),
    ):
        click.echo(title)
        session.show(document)
        click.echo()
    click.echo(f"Next: {where} check spike; {where} keys overfit; runwise latest in your project.")
