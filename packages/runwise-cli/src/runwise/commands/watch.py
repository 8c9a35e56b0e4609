"""``runwise watch``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runwise.options import Finite, common, keys_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session

ZOOM = "One run"


@click.command()
@click.argument("run", default="latest")
@keys_option
@click.option(
    "-i", "--interval", type=Finite(0.05), default=1.0, show_default=True, metavar="S",
    help="Seconds between looks.",
)  # fmt: skip
@click.option("--until", "terms", multiple=True, metavar="FILTER", help="As 'val/loss<0.3'.")
@click.option(
    "--until-finding", "severity", type=click.Choice(["info", "warning", "critical"]),
    help="A finding as grave as that.",
)  # fmt: skip
@click.option("--timeout", default="", metavar="TIME", help="As 90s, 30min or 2h.")
@common
@pass_session
@click.pass_context
def command(
    ctx: click.Context,
    session: Session,
    *,
    run: str,
    keys: tuple[str, ...],
    interval: float,
    terms: tuple[str, ...],
    severity: str | None,
    timeout: str,
) -> None:
    """Follow a run until it ends, or until something happens.

    Exits with 0 if --until was met, 3 if the run ended first, 4 if the time was up. With
    --format json, a line of JSON each. Example: runwise watch latest --until 'val/loss<0.3'
    """
    from runwise.watch import watch, wish_of  # noqa: PLC0415 - --help needs none of it

    wish = wish_of(terms, severity or "", timeout)
    ctx.exit(watch(session, run, keys, interval, wish))
