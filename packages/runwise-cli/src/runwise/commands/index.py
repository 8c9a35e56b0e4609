"""``runwise index``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import runwise
from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session
    from runwise.workspace import Workspace
    from runwise_format import Document


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@common
@pass_session
def command(session: Session, paths: tuple[Path, ...]) -> None:
    """Read all runs below PATHS once, on all cores, so that later answers come at once.

    Without PATHS, those of the project. Example: runwise index ~/experiments
    """
    terminal = sys.stderr is not None and sys.stderr.isatty()  # pyright: ignore[reportUnnecessaryComparison] - it may be closed
    places = [runwise.Workspace(path) for path in paths] or [session.workspace]
    for place in places:
        session.show(_read(place, shown=terminal and not session.quiet))


def _read(place: Workspace, *, shown: bool) -> Document:
    with click.progressbar(length=1, label="reading", file=sys.stderr, hidden=not shown) as bar:

        def step(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        return runwise.reports.index(place, progress=step)
