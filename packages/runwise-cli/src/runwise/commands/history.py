"""``runwise history``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.options import (
    Spelled,
    common,
    from_log_option,
    keys_option,
    pass_session,
    run_argument,
    system_option,
    window_of,
    window_options,
)

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "Its curves"


@click.command()
@run_argument
@keys_option
@system_option
@click.option(
    "-n", "--points", "--samples", "points", cls=Spelled, type=int, metavar="N",
    help="N rows, or 330 values; csv, json: N points of each metric, or 500. N >= 8.",
)  # fmt: skip
@window_options
@click.option("--method", default="", metavar="NAME", help="Points by minmax-lttb, even, mean ...")
@click.option(
    "--x", default="step", metavar="AXIS", show_default=True, help="time, epoch or a metric."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write a .csv, .json or .md file.",
)  # fmt: skip
@from_log_option
@common
@pass_session
def command(session: Session, *, run: str, out: Path | None, **options: Any) -> None:
    """Show curves, for reading or as CSV.

    Readers get a regular grid of means with the extremes beside it, programs points of the
    data. A pipe gets CSV, notes on stderr. Example: runwise history -k 'val/*' --out val.csv
    """
    from runwise import save  # noqa: PLC0415 - --help needs none of it

    window = window_of(session, run, options)
    output = save.output_of(out) if out else save.piped(session)
    exact = output in ("csv", "json")
    document = runwise.reports.history(
        session.workspace, run, exact=exact, window=window, **options
    )
    if out:
        save.save(document, out, session)
    else:
        save.show(document, output, session)
