"""What every command says in every format about the demo runs, word by word, in tests/snapshots.

A changed snapshot is a changed answer: read it as the agent, the person or the program that gets
it. ``RUNWISE_SNAPSHOTS=update python -m pytest tests/test_snapshots.py`` writes them anew. Of a
page only the text is compared, of JSON the values; the clock stands still.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.main import FOLDER, main
from runwise.session import AGENT_PREFIXES, AGENTS
from runwise_format.read_back import page_of

HERE = Path(__file__).parent / "snapshots"
UPDATE = os.environ.get("RUNWISE_SNAPSHOTS") == "update"
NOW = 1_795_200_000.0  # some nine hours after the demo runs
FORMATS = ("compact", "text", "md", "csv", "json", "html")
WORDS = {
    "artifacts": ["healthy"],
    "best": ["val/loss"],
    "check": ["nan"],
    "compare": ["healthy", "spike"],
    "config": ["healthy"],
    "console": ["killed"],
    "explain": ["loss_spike"],
    "find": ["spike"],
    "history": ["spike", "-k", "train/loss,lr", "-n", "12"],
    "keys": ["spike"],
    "live": ["nan"],
    "notes": ["healthy"],
    "plot": ["healthy", "-k", "train/loss"],
    "report": ["nan"],
    "run": ["nan"],
    "stability": ["healthy"],
    "stats": ["nan"],
}
"""What to ask, where the command alone does not say it."""
ALONE = {"cache", "demo", "index", "keys", "latest", "list", "sources"}
NO_ANSWER = {"agent", "completion"}
"""What prints a script for the shell, and a group of commands."""
COMMANDS = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


@pytest.fixture
def say(monkeypatch, demo_root, tmp_path):
    """Run a command in the demo's directory, as a program sees it, at a fixed time."""
    monkeypatch.setattr("time.time", lambda: NOW)
    for name in list(os.environ):
        if name.startswith(("RUNWISE_", "WANDB_", "MLFLOW_", *AGENT_PREFIXES)) or name in AGENTS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("RUNWISE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("COLUMNS", raising=False)
    # What is installed is part of an answer: here, as if all extras were.
    monkeypatch.setattr("runwise.reports.sources_report.is_installed", lambda _extra: True)
    monkeypatch.chdir(demo_root)

    def call(words, output):
        done = CliRunner().invoke(main, [*words, "--format", output])
        assert done.exit_code in (0, 1), done.output
        text = done.stdout.replace(str(demo_root), "DEMO").replace(str(tmp_path), "PLACE")
        return readable(text, output)

    return call


def readable(text, output):
    """Return an answer as somebody can read and compare it."""
    if output == "json" and text.startswith("{"):
        return json.dumps(settled(json.loads(text)), indent=1, ensure_ascii=False) + "\n"
    if output == "html" and text.lstrip().startswith("<!"):
        lines = (re.sub(r"\s+", " ", words).strip() for words in page_of(text).words)
        return "\n".join(filter(None, lines)) + "\n"
    return text


def settled(value):
    """Round what is summed (Python 3.12 sums more exactly)."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: settled(inner) for name, inner in value.items()}
    return [settled(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_said(command, output, say):
    path = HERE / f"{command}.{output}{'.txt' if output == 'html' else ''}"
    if command == "demo" and output in ("csv", "json", "html"):
        pytest.skip("the demo says several things to a reader, not to a program")
    if command not in WORDS and command not in ALONE:
        pytest.skip(f"{command} waits, writes, asks a server, or has no words in WORDS yet")
    said = say([command, *WORDS.get(command, ())], output)
    if UPDATE:
        HERE.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8", newline="\n")
    assert path.exists(), "no snapshot: RUNWISE_SNAPSHOTS=update, and read it"
    assert said == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted({*COMMANDS} - NO_ANSWER))
def test_every_command_takes_a_format(command):
    done = CliRunner().invoke(main, [command, "--help"])
    assert done.exit_code == 0, done.output
    assert "--format" in done.output


def test_no_snapshot_is_of_a_command_that_is_gone():
    assert {path.name.split(".")[0] for path in HERE.iterdir()} <= set(COMMANDS)
