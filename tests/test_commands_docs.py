"""``docs/commands.md`` says what the commands are, and how those of runwise 0.5.2 are answered."""

from __future__ import annotations

import re
import shlex
import sys

import click
import pytest
from click.testing import CliRunner

from runwise.filters.grammar import FIELDS
from runwise.main import ZOOMS, main

PREDECESSOR = {
    "list": "-n --limit --no-spark --format",
    "latest": "-k --keys --no-spark --no-anomalies --format",
    "run": "-k --keys --no-spark --no-anomalies --format",
    "compare": "-f --filter -g --group -t --threshold -d --diff --format",
    "config": "",
    "notes": "",
    "best": "-n --limit --max",
    "history": "-k --keys -n --samples",
    "stats": "-k --keys",
    "stability": "-k --keys -w --window --csv -n --samples",
    "keys": "",
    "live": "",
    "sync": "--all",
    "find": "-n --limit",
    "watch": "-i --interval",
    "local": "--keys --history --stats --stability -k --metrics -n --samples -w --window",
    "init": "--name --force",
    "tb": "-d --log-dir -r --run",
    "api": "-p --project -e --entity -r --run -c --compare -s --state -n --limit --history -k "
    "--keys --samples --best --max -f --filter -g --group -t --threshold -d --diff",
}
"""The commands of runwise 0.5.2 and all their flags."""
CHANGED = (
    "Best", "Percent", "Sampling", "Default n", "Exit codes", "stdout and stderr", "Steps", "Ids",
)  # fmt: skip


@pytest.fixture(scope="module")
def page(house):
    return (house / "docs/commands.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ours():
    context = click.Context(main, info_name="runwise")
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    assert None not in found.values()
    return found


def section(page, half, name):
    """Return what a half of the page says under a heading."""
    begin = page.index("## From runwise 0.5.2")
    middle = page.index("## Changed since 0.5")
    text = page[begin:middle] if half == "old" else page[middle:]
    found = re.search(rf"^####? {name}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def test_the_page_is_current(house, page, monkeypatch):
    monkeypatch.syspath_prepend(str(house))
    from tools import commands_docs

    assert commands_docs.page() == page, "run: python tools/commands_docs.py"


def test_every_command_and_every_option_is_named(page, ours):
    everywhere = page[page.index("## Options of every command") : page.index("## Which runs")]
    inner = {
        f"{name} {part}": one
        for name, command in ours.items()
        if isinstance(command, click.Group)
        for part, one in command.commands.items()
    }
    for name, command in {**ours, **inner}.items():
        said = section(page, "new", name)
        assert said, name
        for option in command.params:
            for spelling in option.opts if isinstance(option, click.Option) else ():
                assert f"`{spelling}`" in said + everywhere, (name, spelling)


@pytest.mark.parametrize("name", PREDECESSOR)
def test_what_0_5_offered_is_there_and_said(page, ours, name):
    known = {one for option in ours[name].params for one in option.opts}
    said = section(page, "old", name)
    for flag in PREDECESSOR[name].split():
        assert flag in known
        assert f"`{flag}" in said, flag


def test_no_command_of_ours_is_called_one_of_0_5_that_it_was_not(page):
    old = page[page.index("## From runwise 0.5.2") : page.index("## Changed since 0.5")]
    assert re.findall(r"^### (\w+)$", old, re.MULTILINE) == list(PREDECESSOR)


@pytest.mark.parametrize("name", PREDECESSOR)
def test_each_flag_of_0_5_is_tried_by_a_test(house, ours, name):
    file = "cloud/test_api_command.py" if name == "api" else "test_predecessor.py"
    tried = (house / "tests" / file).read_text(encoding="utf-8")
    assert f'"{name}"' in tried
    for flag in PREDECESSOR[name].split():
        spellings = next(one.opts for one in ours[name].params if flag in one.opts)
        either = spellings if name == "api" else [flag]
        assert any(f'"{one}"' in tried for one in either), flag


def test_what_changed_is_said(page):
    changed = page[page.index("## Changed since 0.5") : page.index("## Filters")]
    for word in CHANGED:
        assert f"- **{word}" in changed, word


def test_every_field_of_a_filter_is_named(page):
    said = page[page.index("## Filters") : page.index("## Options of every command")]
    for field in FIELDS:  # created>7d is created_age>7d
        assert f"`{field.removesuffix('_age')}`" in said, field


def test_each_help_fits_a_screen_with_one_example(ours):
    for name in ours:
        done = CliRunner().invoke(main, [name, "--help"], terminal_width=80)
        assert done.exit_code == 0, name
        lines = done.output.splitlines()
        assert len(lines) <= 30, name
        assert max(map(len, lines)) <= 80, name
        assert " ".join(lines).count("Example: ") == 1, name


def test_the_example_of_each_help_is_a_call_that_is_understood(page, ours):
    examples = re.findall(r"^    runwise (.+)$", page, re.MULTILINE)
    assert len(examples) > len(ours)
    for example in examples:
        for call in example.removesuffix(".").split(" && runwise "):
            command, words = main, shlex.split(call)
            while isinstance(command, click.Group):
                context = click.Context(command, info_name="runwise", **main.context_settings)
                _, words, _ = command.make_parser(context).parse_args(words)
                name, *words = words
                command = command.get_command(context, name)
                assert command is not None, call
            context = click.Context(command, info_name=name, **main.context_settings)
            command.make_parser(context).parse_args(words)


def test_the_help_groups_commands_by_how_close_they_look(ours):
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).output.splitlines()
    heads = [line.rstrip(":") for line in lines if line.endswith(":") and line[:1] != " "]
    assert heads == ["Options", *ZOOMS, "Besides (runwise COMMAND -h)"]
    for name in ours:
        module = sys.modules[f"runwise.commands.{name}"]
        shown = any(line.startswith(f"  {name} ") for line in lines)
        assert shown == (getattr(module, "ZOOM", "") in ZOOMS) or name in "\n".join(lines[-6:])
