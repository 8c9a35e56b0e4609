"""The command ``runwise``: a folder of commands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from runwise.errors import RunwiseError, near, short
from runwise.failure import noted, told
from runwise.options import common_shown
from runwise.session import Session
from runwise.version import __version__

FOLDER = Path(__file__).parent / "commands"
ZOOMS = ("Which runs", "One run", "Its curves")
"""Headings of the help, the widest look first; a command's file says ``ZOOM = ...``."""
ALSO = {"anomalies": "check", "ls": "list", "show": "run"}
"""Other names of commands, as runwise 0.5, git and others have them."""
SHORT = 62
"""Characters of a command's line in the help."""


class FolderGroup(click.Group):
    """The files in ``commands/`` are the commands; adding one is adding a file.

    Its errors end in one line about what happened and one about what to do, on stderr.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        names = (path.stem for path in FOLDER.glob("*.py"))
        return sorted(name for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return import_module(f"runwise.commands.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by how close they look; of those that set up, the names alone."""
        found = {
            name: import_module(f"runwise.commands.{name}") for name in self.list_commands(ctx)
        }
        for zoom in ZOOMS:
            rows = [
                (name, module.command.get_short_help_str(SHORT))
                for name, module in found.items()
                if getattr(module, "ZOOM", "") == zoom
            ]
            with formatter.section(zoom):
                formatter.write_dl(rows)
        rest = [name for name, module in found.items() if getattr(module, "ZOOM", "") not in ZOOMS]
        with formatter.section("Besides (runwise COMMAND -h)"):
            formatter.write_text(", ".join(rest))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; what is none may be a run, or a command misspelt."""
        word = args[0] if args else ""
        if word in ALSO:
            args = [ALSO[word], *args[1:]]
        elif word and not word.startswith("-") and self.get_command(ctx, word) is None:
            self._run_or_refuse(ctx, word)
            args = ["run", *args]
        return super().resolve_command(ctx, args)

    def _run_or_refuse(self, ctx: click.Context, word: str) -> None:
        """Raise an error unless a word means a run."""
        close = near(word, self.list_commands(ctx), 1)
        try:
            ctx.ensure_object(Session).workspace.resolve(word)
        except RunwiseError as error:
            hint = f"Did you mean {close[0]}?" if close else "Try: runwise --help"
            problem = f"no command and no run '{short(word)}'. {hint}"
            raise click.UsageError(problem, ctx) from error

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the options before the command."""
        with told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a user can mend becomes a message, not a traceback."""
        with told(), noted(ctx):
            try:
                return super().invoke(ctx)
            finally:
                ctx.ensure_object(Session).tell()


@click.group(
    cls=FolderGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
    epilog="Zoom in: list, run RUN, then history RUN. Example: runwise run bert -k 'val/*'",
)
@click.version_option(__version__, prog_name="runwise", message="%(prog)s %(version)s")
@common_shown
@click.pass_context
def main(ctx: click.Context) -> None:
    """Ask how a training run is going, what is wrong and which run is better.

    RUN is latest, latest~2, an id, a name, the beginning of either, or a path; RUN@5000 and
    RUN@50% name a point in it.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
