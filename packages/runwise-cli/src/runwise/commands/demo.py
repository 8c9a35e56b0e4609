"""``runwise demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import runwise
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
    """Show runwise at work on five real runs: a list, a sick run.

    Example: runwise demo --out demo && runwise -C demo list
    """
    from runwise.demo import copy_demo, demo_root  # noqa: PLC0415 - --help needs none of it
    from runwise.session import chosen_output  # noqa: PLC0415 - as above
    from runwise.show import must_know, say  # noqa: PLC0415 - as above

    must_know(session.output or chosen_output())
    session.root = copy_demo(out) if out else demo_root()
    workspace = session.workspace
    for words, document in (
        (["list"], runwise.reports.list_runs(workspace)),
        (["run", "nan"], runwise.reports.summary(workspace, "nan")),
    ):
        say(f"$ {workspace.command(*words)}")
        session.show(document)
        say()
    say(f"Next: {workspace.command('check', 'spike')}")
    say("In your own project: runwise latest")
