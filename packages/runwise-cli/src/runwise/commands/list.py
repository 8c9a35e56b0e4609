"""``runwise list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.options import common, keys_option, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Which runs"


@click.command()
@click.argument("chosen", nargs=-1, metavar="[PATH|FILTER]...")
@keys_option
@number_option("runs", 10)
@click.option("--sort", default="", metavar="FIELD", help="By step, name ... or a metric; -FIELD.")
@click.option(
    "--all", "everything", is_flag=True, help="Runs without metrics and deleted ones too."
)
@common
@pass_session
def command(session: Session, *, chosen: tuple[str, ...], **options: Any) -> None:
    """Show the newest runs, a line each.

    All, or those at a path, or those that filters mean: FIELD:WORD, FIELD~PART, METRIC<NUMBER.
    Example: runwise list -n 5 state:running tag:sweep 'val_acc>80%'
    """
    from runwise.filters.grammar import parted  # noqa: PLC0415 - --help needs none of it

    paths, terms = parted(chosen)
    most = None if terms else options["limit"]
    workspace = session.workspace if paths else session.workspace.or_server(most)
    for path in paths:
        workspace = workspace.below(path, most)
    session.show(runwise.reports.list_runs(workspace, terms=terms, **options))
