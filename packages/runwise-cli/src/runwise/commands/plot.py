"""``runwise plot``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.options import (
    common,
    keys_option,
    pass_session,
    system_option,
    window_of,
    window_options,
)

if TYPE_CHECKING:
    from runwise.session import Session

FILES = ("html", "png", "svg", "pdf")


def _files(command: Any) -> Any:
    for kind in reversed(FILES):
        command = click.option(
            f"--{kind}", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
            help="Write a page." if kind == "html" else f"Write a figure as {kind.upper()}.",
        )(command)  # fmt: skip
    return command


ZOOM = "Its curves"


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@keys_option
@system_option
@click.option("--log", is_flag=True, help="A logarithmic axis.")
@click.option(
    "--smooth", type=int, default=1, metavar="N", help="Each point the mean of N around it."
)
@click.option("--band", is_flag=True, help="Mean and deviation over the runs, or each group.")
@click.option(
    "-n", "--panels", type=click.IntRange(1), metavar="N",
    help="Charts without -k. [default: 1; files: 4]",
)  # fmt: skip
@window_options
@click.option(
    "--x", default="step", metavar="AXIS", show_default=True, help="time, epoch or a metric."
)
@_files
@common
@pass_session
def command(
    session: Session, *, runs: tuple[str, ...], panels: int | None, **options: Any
) -> None:
    """Draw curves.

    In the terminal, as a page, or as a figure for a paper.
    Example: runwise plot base lr-x2 -k train/loss --log --png loss.png
    """
    from runwise import save  # noqa: PLC0415 - --help needs none of it

    files = {kind: path for kind in FILES if (path := options.pop(kind))}
    refs = runs or ("latest",)
    window = window_of(session, refs[0], options)
    for path in files.values():
        save.free(path, session, refs)
    document = runwise.reports.plot(
        session.workspace, refs, panels=panels or (4 if files else 1), window=window, **options
    )  # fmt: skip
    for kind, path in files.items():
        if kind == "html":
            save.save(document, path, session, "html")
        else:
            from runwise.figure import save_figure  # noqa: PLC0415 - as above

            save_figure(document, path, kind)
            save.wrote(document, path, session)
    if not files:
        session.show(document)
