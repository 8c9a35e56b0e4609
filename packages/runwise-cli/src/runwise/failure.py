"""Errors on their way to stderr: a message and an exit code instead of a traceback.

What went wrong beside the answer, in a plugin, is a note there.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from runwise.aside import aside
from runwise.errors import BadSetting, RunwiseError, brief
from runwise.session import Session

if TYPE_CHECKING:
    from collections.abc import Generator

PLUGIN_WARNING = "PluginWarning"
"""By its name, as importing its module costs every call."""
IMPOSSIBLE = ("null", "home directory")
"""What Python says of paths that no system has: a NUL inside, the home of nobody."""
USAGE = 23
"""Tokens of a usage error, which click surrounds with as many of its own."""


@contextmanager
def told() -> Generator[None]:
    """Turn what a user can mend into click's errors: exit code 1, or 2 for a bad setting.

    A closed pipe is left to click, which ends without a word. Everything quoted is made
    harmless to print.
    """
    try:
        yield
    except click.MissingParameter as error:
        said = " ".join(error.format_message().split())  # click puts choices behind tabs
        raise click.UsageError(brief(said, tokens=USAGE)[0], error.ctx) from error
    except click.ClickException as error:
        if not isinstance(error, (Failure, _HELP)):
            error.message = brief(error.message, tokens=USAGE)[0]  # pyright: ignore[reportAttributeAccessIssue] - ours to cut
        raise
    except (ValueError, RuntimeError) as error:
        if not any(said in str(error) for said in IMPOSSIBLE):
            raise
        refused = BadSetting(f"there is no such path: {error}", "Name another one.")
        raise Failure(refused, 2) from error
    except RunwiseError as error:
        raise Failure(error, 2 if isinstance(error, BadSetting) else 1) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        mended = RunwiseError(str(error), "Check that it exists and may be read or written.")
        raise Failure(mended, 1) from error


@contextmanager
def noted(ctx: click.Context) -> Generator[None]:
    """Show a library's warning about a plugin as one line on stderr; nothing under ``-q``."""
    otherwise = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
        if category.__name__ != PLUGIN_WARNING:
            otherwise(message, category, *place)
        elif not ctx.find_root().ensure_object(Session).quiet:
            aside([f"note: {brief(str(message))[0]}"])

    with warnings.catch_warnings():
        warnings.filterwarnings("always", message="source ", category=UserWarning)
        warnings.showwarning = show
        yield


class Failure(click.ClickException):
    """What a command ends with when it cannot answer."""

    def __init__(self, error: RunwiseError, code: int) -> None:
        super().__init__(str(error))
        self.exit_code = code  # pyright: ignore[reportAttributeAccessIssue] - click reads it here


_HELP = getattr(click.exceptions, "NoArgsIsHelpError", Failure)
"""What newer versions of click raise to show the help."""
