"""``runwise init``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runwise.options import common, pass_session

if TYPE_CHECKING:
    from runwise.session import Session


@click.command()
@click.option("--name", default="", metavar="NAME", help="What the project is called.")
@click.option("--auto", is_flag=True, help="A schema from what the newest runs log.")
@click.option(
    "--template",
    default="",
    metavar="NAME",
    help="lightning, transformers, ultralytics, classification, regression or rl.",
)
@click.option("--force", is_flag=True, help="Write it anew where there is one.")
@common
@pass_session
def command(session: Session, *, name: str, auto: bool, template: str, force: bool) -> None:
    """Write a runwise.json: what the project calls its metrics.

    Example: runwise init --auto --name digits
    """  # fmt: skip
    from runwise.beginning import (  # noqa: PLC0415 - as above
        from_runs,
        from_template,
        write_settings,
    )
    from runwise.errors import BadSetting  # noqa: PLC0415 - --help needs none of it

    if auto and template:
        raise BadSetting("--auto and --template say different things", "Use one of them.")
    root = session.root or Path(os.environ.get("RUNWISE_PROJECT_ROOT") or ".")
    tree = from_template(template) if template else from_runs(session.workspace) if auto else {}
    tree = {"project_name": name or root.absolute().name, **tree}
    path = write_settings(root, tree, force=force)
    if not session.quiet:
        click.echo(f"wrote {path}; see: runwise config --show-settings")
