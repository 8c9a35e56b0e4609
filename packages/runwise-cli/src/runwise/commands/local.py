"""``runwise local``: runwise 0.5's spelling of reports on local logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.argument("file", default="")
@click.option("--keys", "names", is_flag=True, help="Name the metrics.")
@click.option("--history", is_flag=True, help="Curves as CSV where piped.")
@click.option("--stats", is_flag=True, help="Exact statistics.")
@click.option("--stability", is_flag=True, help="How steady metrics are.")
@click.option("-k", "--metrics", "keys", multiple=True, metavar="NAMES", help="Which metrics.")
@click.option("-n", "--samples", type=int, default=500, show_default=True, metavar="N")
@click.option("-w", "--window", type=int, default=100, show_default=True, metavar="N")
@common
@pass_session
def command(session: Session, *, file: str, **options: Any) -> None:
    """List local logs, or show one.

    As list, run, history, stats ... do. Example: runwise local train.jsonl --stats
    """
    from runwise.local import ask, list_only, logs  # noqa: PLC0415 - --help needs none of it

    if not file:
        session.show(list_only(session.workspace, logs()))
    else:
        ask(session, file, **options)
