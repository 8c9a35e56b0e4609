"""Options that mean the same everywhere, accepted before and after the command."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from runwise.session import Session

if TYPE_CHECKING:
    from runwise.window import Window

Command = TypeVar("Command", bound=Callable[..., Any])


def _remember(ctx: click.Context, option: click.Parameter, value: object) -> None:
    """Put a shared option's value into the session; what stands behind the command wins."""
    session = ctx.find_root().ensure_object(Session)
    if value not in (None, False) and option.name:
        setattr(session, option.name, value)


def _shared(*names: str, **settings: Any) -> Callable[[Command], Command]:
    return click.option(*names, expose_value=False, callback=_remember, **settings)


class Finite(click.FloatRange):
    """A number of steps or seconds: neither infinite nor not a number, which click takes."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{value} is no finite number.", param, ctx)
        return number

    def _describe_range(self) -> str:
        """Return what the help says of the bounds: click says x<=None where there are none."""
        return "" if self.min is self.max is None else super()._describe_range()


class Spelled(click.Option):
    """An option with more names than its help shows: those that runwise 0.5 gave it."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the first two names and the help."""
        shown = copy(self)
        shown.opts = self.opts[:2]
        return click.Option.get_help_record(shown, ctx)


_COMMON = (
    _shared(
        "-C", "root", type=click.Path(path_type=Path), metavar="DIR", help="Project directory."
    ),
    _shared("--format", "output", metavar="NAME", help="compact, text, md, html, csv or json."),
    _shared(
        "--max-tokens", type=click.IntRange(1), metavar="N", help="Answer in at most N tokens."
    ),
    _shared("--no-spark", is_flag=True, help="No trends."),
    _shared("--exact", is_flag=True, help="Read all of a log, however large, never a sample."),
)
_RARE = (
    (("--no-cache",), "Read everything anew, and remember nothing."),
    (("-v", "--verbose"), "Say what was read, from where, how long."),
    (("-q", "--quiet"), "Nothing on stderr but errors."),
)


def common(command: Command) -> Command:
    """Add the options every command has; the help of ``runwise`` alone shows the rare ones."""
    return _with_common(command, hidden=True)


def common_shown(command: Command) -> Command:
    """Add the options every command has, all of them in the help."""
    return _with_common(command, hidden=False)


def _with_common(command: Command, *, hidden: bool) -> Command:
    for names, help_text in reversed(_RARE):
        command = _shared(*names, is_flag=True, hidden=hidden, help=help_text)(command)
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


def from_log_option(command: Command) -> Command:
    """Add ``--from-log``: metrics as they were printed, whatever was recorded."""
    return _shared("--from-log", is_flag=True, help="Metrics from what the run printed.")(command)


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
        click.option(
            "--window", "reach", type=Finite(), metavar="W", help="... W steps each side."
        ),
        click.option(
            "--around", metavar="POINT", help="The rows around a step, 50% or best:METRIC."
        ),
        click.option("--to", "last", type=Finite(), metavar="STEP", help="Up to STEP."),
        click.option("--from", "first", type=Finite(), metavar="STEP", help="From STEP on."),
    ):
        command = option(command)
    return command


def window_of(session: Session, run: str, asked: dict[str, Any]) -> Window:
    """Take what ``window_options`` added out of what was asked, as the part of a run it means.

    Raises ``BadSetting``, and for a point that is not in the run what ``points.step_of`` raises.
    """
    from runwise.pointing import step_of  # noqa: PLC0415 - --help needs none of it
    from runwise.window import Window  # noqa: PLC0415 - as above

    first, last, around, reach, rows = (
        asked.pop(name) for name in ("first", "last", "around", "reach", "rows")
    )
    if around is None:
        return Window(first, last, None, reach, rows)
    step, said = step_of(session.workspace, run, around)
    return Window(first, last, step, reach, rows, said)


pass_session = click.make_pass_decorator(Session, ensure=True)
