"""Options that mean the same everywhere, accepted before and after the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from runwise.session import Session

Command = TypeVar("Command", bound=Callable[..., Any])


def _remember(ctx: click.Context, option: click.Parameter, value: object) -> None:
    """Put a shared option's value into the session; what stands behind the command wins."""
    session = ctx.find_root().ensure_object(Session)
    if value not in (None, False) and option.name:
        setattr(session, option.name, value)


def _shared(*names: str, **settings: Any) -> Callable[[Command], Command]:
    return click.option(*names, expose_value=False, callback=_remember, **settings)


_COMMON = (
    _shared(
        "-C", "root", type=click.Path(path_type=Path), metavar="DIR", help="Project directory."
    ),
    _shared("--format", "output", metavar="NAME", help="compact, text, md, csv or json."),
    _shared(
        "--max-tokens", type=click.IntRange(1), metavar="N", help="Answer in at most N tokens."
    ),
    _shared("--no-spark", is_flag=True, help="No trends."),
    _shared("--exact", is_flag=True, help="Read all of a log, however large, never a sample."),
    _shared("--no-cache", is_flag=True, help="Read everything anew, and remember nothing."),
    _shared("-v", "--verbose", is_flag=True, help="Say what was read, from where, how long."),
    _shared("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors."),
)


def common(command: Command) -> Command:
    """Add the options every command has."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


def run_argument(command: Command) -> Command:
    """Add the reference of a run, the newest by default."""
    return click.argument("run", default="latest")(command)


def keys_option(command: Command) -> Command:
    """Add ``-k``: names or patterns of metrics, comma-separated or repeated."""
    return click.option(
        "-k", "--keys", multiple=True, callback=_split, metavar="NAMES",
        help="Metrics, comma-separated or repeated; * and ? match.",
    )(command)  # fmt: skip


def system_option(command: Command) -> Command:
    """Add ``--system``: what the tracker measured of the machine."""
    return click.option(
        "--system", is_flag=True, help="GPU, memory, network ... over seconds, not the metrics."
    )(command)


def _split(
    _ctx: click.Context, _option: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    names = (name.strip() for part in value for name in part.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def number_option(what: str, default: int) -> Callable[[Command], Command]:
    """Add ``-n``: how many rows or runs."""
    return click.option(
        "-n", "--limit", type=click.IntRange(1), default=default, show_default=True, metavar="N",
        help=f"How many {what}.",
    )  # fmt: skip


def window_options(command: Command) -> Command:
    """Add the options that choose a part of a run: by steps, around one, or the newest rows."""
    for option in (
        click.option("--last", "rows", type=int, metavar="N", help="The newest N rows."),
        click.option("--window", "reach", type=float, metavar="W", help="... W steps each side."),
        click.option("--around", type=float, metavar="STEP", help="The rows around STEP."),
        click.option("--to", "last", type=float, metavar="STEP", help="Up to STEP."),
        click.option("--from", "first", type=float, metavar="STEP", help="From STEP on."),
    ):
        command = option(command)
    return command


pass_session = click.make_pass_decorator(Session, ensure=True)
