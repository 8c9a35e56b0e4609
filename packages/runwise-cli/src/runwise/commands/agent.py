"""``runwise agent``: install, uninstall, list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runwise.options import common, pass_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runwise.agents.change import Change
    from runwise.agents.client import Client
    from runwise.agents.places import Places
    from runwise.session import Session


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Make coding agents use runwise: a skill, an MCP server.

    Clients: claude, codex, gemini, copilot, cursor, opencode, vscode, claude-desktop.

    Example: runwise agent install claude --project --dry-run
    """


def _choices(run: Callable[..., Any]) -> Callable[..., Any]:
    """Add what ``install`` and ``uninstall`` share."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Show the diff, write nothing."),
        click.option("--both", "parts", flag_value="both", help="Skill and server. [default]"),
        click.option("--mcp", "parts", flag_value="mcp", help="Only the MCP server."),
        click.option("--skill", "parts", flag_value="skill", help="Only the skill."),
        click.option("--project", "scope", flag_value="project", help="In this project's files."),
        click.option("--user", "scope", flag_value="user", help="For you, everywhere. [default]"),
        click.argument("clients", nargs=-1, metavar="[CLIENT]..."),
    ):
        run = option(run)
    return run


@command.command()
@_choices
@click.option("--root", "roots", multiple=True, metavar="DIR", help="Let the server read DIR.")
@common
@pass_session
def install(
    session: Session,
    *,
    clients: tuple[str, ...],
    scope: str | None,
    parts: str | None,
    dry_run: bool,
    roots: tuple[str, ...],
) -> None:
    """Write runwise into a client's files; without a name, into all that are here.

    The diff goes to stdout, with -v that of new pages too. Doing it twice changes nothing, other
    entries stay as they are. Example: runwise agent install codex --mcp
    """
    from runwise.agents import installing  # noqa: PLC0415 - --help needs none of it
    from runwise.agents.start import HOW_TO_GET, is_startable, server_start  # noqa: PLC0415

    scope = scope or "user"
    start = server_start(scope).reading([str(Path(root).absolute()) for root in roots])
    served = False

    def changes(client: Client, places: Places, wanted: list[str]) -> Iterable[Change]:
        nonlocal served
        found = installing.parts_of(client, places, scope, wanted)
        served = served or "mcp" in found
        return installing.install(client, places, scope, found, start)

    chosen = _each(session, clients, parts, changes, dry_run=dry_run)
    if session.quiet or dry_run:
        return
    for client in chosen:
        _say(f"{client.name}: {client.after}")
    if served and not is_startable(start):
        _say(f"the server {start.command} is not there yet: {HOW_TO_GET}")


@command.command()
@_choices
@common
@pass_session
def uninstall(
    session: Session,
    *,
    clients: tuple[str, ...],
    scope: str | None,
    parts: str | None,
    dry_run: bool,
) -> None:
    """Take runwise out of a client's files again; the rest of them stays as it was.

    Example: runwise agent uninstall codex
    """
    from runwise.agents import installing  # noqa: PLC0415 - --help needs none of it

    def changes(client: Client, places: Places, wanted: list[str]) -> Iterable[Change]:
        found = installing.parts_of(client, places, scope or "user", wanted)
        return installing.uninstall(client, places, scope or "user", found)

    _each(session, clients, parts, changes, dry_run=dry_run)


@command.command("list")
@common
@pass_session
def listed(session: Session) -> None:
    """Name the clients, whether they are here, and what each has of runwise.

    Example: runwise agent list
    """
    from runwise.agents.listing import clients_here  # noqa: PLC0415 - --help needs none of it

    session.show(clients_here(_places(session)))


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@common
@pass_session
def kit(session: Session, *, folder: Path) -> None:
    """Write the plugin, the extension, server.json and the bundle into an empty folder.

    Example: runwise agent kit ./runwise-kit
    """
    from runwise.agents.kit import installed_server, write_kit  # noqa: PLC0415 - as above

    for path in write_kit(folder, installed_server()):
        if not session.quiet:
            click.echo(path)


def _each(
    session: Session,
    names: tuple[str, ...],
    parts: str | None,
    changes: Callable[[Client, Places, list[str]], Iterable[Change]],
    *,
    dry_run: bool,
) -> list[Client]:
    """Show and make the changes of every client, all of them known before the first is made."""
    from runwise.agents.listing import chosen  # noqa: PLC0415 - --help needs none of it

    places = _places(session)
    wanted = ["skill", "mcp"] if parts in (None, "both") else [str(parts)]
    clients = chosen(names, places)
    planned = [(client, list(changes(client, places, wanted))) for client in clients]
    made: dict[Path, Change] = {}
    for client, found in planned:
        real = [one for one in found if not one.is_none and made.get(one.path) != one]
        made.update((one.path, one) for one in real)
        for change in real:
            if change.path.suffix != ".md" or change.word == "edit" or session.verbose:
                click.echo(change.diff(places.shown(change.path)), nl=False)
            if not dry_run:
                change.make()
        if not session.quiet:
            _say(f"{client.name}: {_told(real, places, dry_run=dry_run)}")
    return clients


def _told(changes: list[Change], places: Places, *, dry_run: bool) -> str:
    """Return what happens in a line; of a skill's pages the first stands for all."""
    said: dict[str, int] = {}
    for change in changes:
        page = change.path.suffix == ".md" and change.path.name != "SKILL.md"
        key = next(reversed(said), "") if page else ""
        key = key or f"{change.word} {places.shown(change.path)}"
        said[key] = said.get(key, -1) + 1
    lines = [f"{key} and {more} pages" if more else key for key, more in said.items()]
    if not lines:
        return "nothing to change"
    return ("would " if dry_run else "") + ", ".join(lines)


def _places(session: Session) -> Places:
    from runwise.agents.places import here  # noqa: PLC0415 - --help needs none of it

    return here(session.root or Path())


def _say(line: str) -> None:
    from runwise_format.safety import clean  # noqa: PLC0415 - --help needs none of it

    sys.stderr.write(f"{clean(line, 400)}\n")
    sys.stderr.flush()
