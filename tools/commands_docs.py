"""Write ``docs/commands.md``: what runwise 0.5 offered, and every command and option of ours.

    python tools/commands_docs.py           write it anew
    python tools/commands_docs.py --check   say whether it is current, and exit with 1 if not

The first half is ``commands_docs.md`` beside this file, the second comes from the commands.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runwise.main import ALSO, ZOOMS
from runwise.main import main as runwise
from runwise.options import common_shown

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = Path(__file__).resolve().parent.parent
PAGE = HOUSE / "docs/commands.md"
INTRODUCTION = Path(__file__).with_suffix(".md")


def page() -> str:
    """Return ``docs/commands.md``."""
    return "".join([INTRODUCTION.read_text(encoding="utf-8"), *_everywhere(), *_by_zoom()])


def commands() -> dict[str, click.Command]:
    """Return our commands by name."""
    context = click.Context(runwise, info_name="runwise")
    found = {name: runwise.get_command(context, name) for name in runwise.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def shared() -> list[click.Option]:
    """Return the options that every command has."""
    bare = common_shown(click.Command("any", params=[]))
    return [one for one in reversed(bare.params) if isinstance(one, click.Option)]


def _everywhere() -> Iterator[str]:
    yield "\n## Options of every command\n\n"
    yield "Before the command or behind it; what is behind wins.\n\n"
    yield from _table(shared())


def _by_zoom() -> Iterator[str]:
    found = commands()
    zooms = {name: getattr(sys.modules[f"runwise.commands.{name}"], "ZOOM", "") for name in found}
    for zoom in (*ZOOMS, ""):
        yield f"\n## {zoom or 'Besides'}\n"
        for name, command in found.items():
            if zooms[name] == zoom:
                yield from _command(name, command)


def _command(name: str, command: click.Command, heading: str = "###") -> Iterator[str]:
    # A command keeps the names of its help option of the first context it meets.
    context = click.Context(command, info_name=f"runwise {name}", **runwise.context_settings)
    usage = " ".join(command.collect_usage_pieces(context))
    said = " ".join((command.help or "").split()).replace("|", "\\|")
    text, _, example = said.partition("Example: ")
    other = [f"`runwise {word}`" for word, meant in ALSO.items() if meant == name]
    yield f"\n{heading} {name}\n\n`runwise {name} {usage}`\n\n{text.strip()}\n"
    yield f"\n    {example}\n" if example else ""
    yield f"\nAlso: {', '.join(other)}.\n" if other else ""
    known = {option.name for option in shared()}
    own = [
        one for one in command.params if isinstance(one, click.Option) and one.name not in known
    ]
    if own:
        yield "\n"
        yield from _table(own, context)
    if isinstance(command, click.Group):
        for inner, part in command.commands.items():
            yield from _command(f"{name} {inner}", part, f"{heading}#")


def _table(options: list[click.Option], context: click.Context | None = None) -> Iterator[str]:
    yield "| option | what |\n|---|---|\n"
    for option in options:
        value = "" if option.is_flag else f" {option.make_metavar(*_asked(option, context))}"
        names = ", ".join(f"`{name}`" for name in option.opts)
        yield f"| {names}{value.replace('|', chr(92) + '|')} | {_said(option)} |\n"


def _asked(option: click.Option, context: click.Context | None) -> list[click.Context]:
    """Return what ``make_metavar`` wants: click 8.2 and later ask for a context."""
    takes = option.make_metavar.__code__.co_argcount - 1
    return [context or click.Context(click.Command("any"))] if takes else []


def _said(option: click.Option) -> str:
    text = (option.help or "").replace("|", "\\|").replace("*", "\\*")
    plain = option.show_default and not option.is_flag and option.default not in (None, "")
    return f"{text} Default: {option.default}." if plain else text


def main(words: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is current."""
    text = page()
    current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    if not current:
        print(f"{PAGE.relative_to(HOUSE)} {'is not current' if '--check' in words else 'written'}")
        if "--check" not in words:
            PAGE.write_text(text, encoding="utf-8", newline="\n")
    return int(not current and "--check" in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
