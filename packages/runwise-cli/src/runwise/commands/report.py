"""``runwise report``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.options import common, keys_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Which runs"


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@keys_option
@click.option("--log", is_flag=True, help="Logarithmic axes.")
@click.option(
    "--smooth", type=int, default=1, metavar="N", help="Each point the mean of N around it."
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write a .md, .html, .csv or .json file.",
)  # fmt: skip
@common
@pass_session
def command(session: Session, *, runs: tuple[str, ...], out: Path | None, **options: Any) -> None:
    """Write a report to send.

    Summary, findings, curves, settings; of several, how they differ. Markdown, or a page with
    --format html. Example: runwise report base lr-x2 -o report.html
    """
    from runwise import save  # noqa: PLC0415 - --help needs none of it

    refs = runs or ("latest",)
    usual = os.environ.get("RUNWISE_FORMAT") or "md"
    output = session.output or (save.output_of(out) if out else usual)
    if out:
        save.free(out, session, refs)
    panels = 4 if output == "html" else 2
    document = runwise.reports.report(session.workspace, refs, panels=panels, **options)
    if out:
        save.save(document, out, session, output)
    else:
        session.output = output
        session.show(document)
