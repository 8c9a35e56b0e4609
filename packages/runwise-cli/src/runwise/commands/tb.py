"""``runwise tb``: runwise 0.5's spelling of reports on TensorBoard logs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.option("-d", "--log-dir", type=click.Path(path_type=Path), metavar="DIR", help="Where.")
@click.option("-r", "--run", default="", metavar="RUN", help="Summarise this one.")
@common
@pass_session
def command(session: Session, *, log_dir: Path | None, run: str) -> None:
    """List TensorBoard runs, or summarise one.

    As list and run do. Example: runwise tb -d logs -r lr_0.1
    """
    from runwise.filters.grammar import Term  # noqa: PLC0415 - --help needs none of it
    from runwise.local import list_only  # noqa: PLC0415 - as above

    workspace = session.workspace.below(str(log_dir)) if log_dir else session.workspace
    if run:
        session.show(runwise.reports.summary(workspace, run))
    else:
        session.show(list_only(workspace, [Term("source", "~", "tensorboard")]))
