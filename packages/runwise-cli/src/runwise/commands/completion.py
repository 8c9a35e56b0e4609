"""``runwise completion``."""

from __future__ import annotations

import click

from runwise.options import common

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@common
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion of commands and options for a shell.

    Put it where your shell looks. Example: runwise completion fish > runwise.fish
    """
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - --help needs none

    known = get_completion_class(shell)
    if known is None:  # SHELLS are those click knows
        raise click.UsageError(f"no completion for {shell}")
    complete = known(ctx.find_root().command, {}, "runwise", "_RUNWISE_COMPLETE")
    click.echo(complete.source_template % complete.source_vars())
