"""What people and agents ask about training is answered by one command, for few tokens.

The questions stand in `questions.toml`; the runs are those that come with runwise and those
that the real trackers wrote for the tests of runwise-parsers.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from statistics import median

import pytest
from click.testing import CliRunner

from runwise.main import main

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = Path(__file__).parent / "questions.toml"
ASKED = tomllib.loads(TABLE.read_text("utf-8"))["question"]
TYPICAL = 180
"""Tokens of the median answer."""
DEFAULT_LIST = 330
"""Tokens of ``runwise list``: the ten newest runs."""
FOUND_SOMETHING = 1
"""What ``check`` ends with beside its answer."""


@pytest.fixture
def ask(house, demo_root, monkeypatch):
    """Ask beside the runs of a project; return the answer and the code."""

    def call(project, command):
        runs = house / "packages/runwise-parsers/tests/runs"
        monkeypatch.chdir(demo_root if project == "demo" else runs / project)
        done = CliRunner().invoke(main, shlex.split(command), prog_name="runwise")
        assert done.stderr == ""
        return done.stdout, done.exit_code

    return call


@pytest.mark.parametrize("one", ASKED, ids=[one["question"] for one in ASKED])
def test_a_question_is_answered_by_one_command(ask, tokens, one):
    answer, code = ask(one["project"], one["command"])
    assert code == 0 or (one["command"].startswith("check") and code == FOUND_SOMETHING)
    for text in one["contains"]:
        assert text in answer
    assert tokens(answer) <= one["token_ceiling"]


def test_most_answers_are_short(ask, tokens):
    costs = [tokens(ask(one["project"], one["command"])[0]) for one in ASKED]
    assert len(costs) >= 40
    assert median(costs) <= TYPICAL
    print(f"{len(costs)} questions, median {median(costs):.0f}, at most {max(costs)} tokens")


@pytest.mark.parametrize(
    "project", ["demo", *sorted({one["project"] for one in ASKED} - {"demo"})]
)
def test_the_list_of_a_project_is_short(ask, tokens, project):
    answer, _ = ask(project, "list")
    assert tokens(answer) <= DEFAULT_LIST


def test_the_list_of_many_tracked_runs_is_short(tmp_path, demo_root, monkeypatch, tokens):
    for copy in range(4):
        shutil.copytree(demo_root / "wandb", tmp_path / f"copy{copy}" / "wandb")
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(main, ["list"], prog_name="runwise").stdout
    assert answer.startswith("20 runs")
    assert tokens(answer) <= DEFAULT_LIST
