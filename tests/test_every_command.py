"""What holds for every command of the folder: no prompt, no pager, no colour in a pipe, -q, -v.

A command that is added must be named here, with words that make it answer.
"""

from __future__ import annotations

import builtins
import re
import shutil

import click
import pytest
from click.testing import CliRunner

from runwise.main import main

ANSWERS = {
    "agent": ["list"],
    "artifacts": ["healthy"],
    "best": ["val/loss"],
    "cache": [],
    "check": ["healthy"],
    "compare": ["healthy", "nan"],
    "completion": ["bash"],
    "config": ["healthy"],
    "console": ["killed"],
    "demo": [],
    "doctor": [],
    "explain": ["loss_spike"],
    "find": ["spike"],
    "history": ["healthy"],
    "index": [],
    "init": ["--name", "x"],
    "keys": ["healthy"],
    "latest": [],
    "list": [],
    "live": ["healthy"],
    "local": [],
    "notes": ["healthy"],
    "plot": ["healthy"],
    "report": ["healthy"],
    "run": ["nan"],
    "sources": [],
    "stability": ["healthy"],
    "stats": ["healthy"],
    "sync": [],
    "tb": [],
    "watch": ["healthy"],
}
REFUSED = {"api": ["-p", "team/x"]}
"""What needs a network and a login."""
SAYS_SO = {"init": "wrote"}
"""Commands whose answer is that something was done."""
HELP_LINES = 50
READS_A_RUN = {"check", "compare", "history", "plot", "run", "stability", "stats", "watch"}


@pytest.fixture
def ask(tmp_path, demo_root, monkeypatch):
    """Call a command beside the demo runs, as a pipe sees it; nobody may wait for a key."""
    shutil.copytree(demo_root / "wandb", tmp_path / "wandb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("WANDB_API_KEY", "MLFLOW_TRACKING_URI", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(builtins, "input", lambda *a: pytest.fail("somebody was asked"))
    for name in ("prompt", "confirm", "echo_via_pager", "getchar", "pause"):
        monkeypatch.setattr(click, name, lambda *a, **k: pytest.fail("somebody was asked"))

    def call(*words):
        (tmp_path / "runwise.json").unlink(missing_ok=True)
        return CliRunner().invoke(main, list(words), prog_name="runwise")

    return call


def test_every_command_is_here():
    assert {*ANSWERS, *REFUSED} == set(main.list_commands(click.Context(main)))


@pytest.mark.parametrize(("name", "words"), ANSWERS.items(), ids=ANSWERS)
def test_a_command_answers_on_stdout_without_colour(ask, name, words):
    done = ask(name, *words)
    assert done.exit_code == 0, done.stderr
    assert done.stdout
    assert "\x1b" not in done.output


@pytest.mark.parametrize(("name", "words"), ANSWERS.items(), ids=ANSWERS)
def test_quiet_is_the_answer_alone(ask, name, words):
    ages = re.compile(r"\b[\d.]+ ?(?:s|ms)\b")
    loud, quiet = ask(name, *words), ask(name, *words, "-q")
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    said = SAYS_SO.get(name)
    assert ages.sub("", quiet.stdout) == ("" if said else ages.sub("", loud.stdout))
    assert ask("-q", "-v", name, *words).stderr == ""


@pytest.mark.parametrize(("name", "words"), ANSWERS.items(), ids=ANSWERS)
def test_verbose_says_from_where_and_how_long(ask, name, words):
    plain, verbose = ask("--no-cache", name, *words), ask("--no-cache", name, *words, "-v")
    assert re.search(r"^\d+\.\d\d s$", verbose.stderr, re.MULTILINE)
    assert verbose.exit_code == plain.exit_code
    if name in READS_A_RUN:
        assert "looked in ." in verbose.stderr
        read = r"^read \w+ \(wandb\): wandb[/\\]offline-run-"
        assert re.search(read, verbose.stderr, re.MULTILINE)


@pytest.mark.parametrize("name", [*ANSWERS, *REFUSED])
def test_help_fits_a_screen_and_has_an_example(ask, name):
    done = ask(name, "--help")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert len(lines) <= HELP_LINES
    assert max(map(len, lines)) <= 100
    assert "Example" in done.stdout or "runwise " in done.stdout.partition("\n")[2]


@pytest.mark.parametrize(("name", "words"), REFUSED.items(), ids=REFUSED)
def test_what_needs_a_login_says_so(ask, name, words, monkeypatch):
    monkeypatch.setenv("NETRC", "/dev/null")
    done = ask(name, *words, "-v")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Error: " in done.stderr
