"""Runs made a moment ago by the installed SwanLab client are told as they were logged.

``tools/fixtures/swanlab_cases.py`` makes them and writes down the truth about each.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from runwise.main import main
from runwise_parsers import Run, find_runs, open_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.trackers

CASES = ["finished", "failed", "raising", "interrupted", "non_finite", "own_steps",
         "many_metrics", "odd_names", "media", "measured"]  # fmt: skip


@dataclass(frozen=True)
class Made:
    """The runs of a session: where they are, and what was logged."""

    folder: Path
    truths: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def made(house, tmp_path_factory) -> Made:
    pytest.importorskip("swanlab")
    if not sys.platform.startswith("linux"):
        pytest.skip("the cases kill processes in Linux's way")
    folder = tmp_path_factory.mktemp("fresh")
    script = house / "tools/fixtures/swanlab_cases.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Made(folder, json.loads((folder / "truth.json").read_text()))


@pytest.fixture
def run_of(made) -> Callable[[str], Run]:
    def run_of(case):
        (info,) = find_runs(made.folder / case)
        return open_run(info)

    return run_of


def value_of(number: float, signs: bool) -> str:
    """Return a logged number as it comes back: before 0.8, infinity has no sign."""
    return repr(float(abs(number) if math.isinf(number) and not signs else number))


@pytest.mark.parametrize("case", CASES)
def test_curves_are_what_was_logged(made, run_of, case):
    truth = made.truths[case]
    read = {
        name: list(zip(one.steps, map(repr, one.values), strict=True))
        for name, one in run_of(case).series().items()
    }
    assert read == {
        name: [
            (step, value_of(value, truth.get("signs", True)))
            for step, value in zip(column["steps"], column["values"], strict=True)
        ]
        for name, column in truth["keys"].items()
    }


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_described_as_it_was_made(made, run_of, case):
    truth, info = made.truths[case], run_of(case).info
    assert (info.source, info.id, info.name) == ("swanlab", truth["id"], truth["name"])
    assert (info.state, info.project) == (truth["state"], "demo")
    assert (info.notes, info.tags) == (truth.get("notes", ""), tuple(truth.get("tags", ())))


def test_config_console_and_measurements_are_read(made, run_of):
    assert run_of("finished").config() == made.truths["finished"]["config"]
    for case in ("finished", "failed", "raising"):
        assert any(made.truths[case]["console"] in line for line in run_of(case).console(20))
    assert set(made.truths["measured"]["measured"]) <= set(run_of("measured").system())


def test_a_killed_run_holds_the_first_points(made, run_of):
    run, truth = run_of("killed"), made.truths["killed"]["keys"]
    for name, one in run.series().items():
        assert one.values.tolist() == truth[name]["values"][: len(one)]
        assert len(one) > 10
    assert run.info.state in ("crashed", "running")  # for 90 seconds, nobody can know


def test_a_resumed_run_is_one_curve(made, run_of):
    if "resumed" not in made.truths:
        pytest.skip("this client cannot resume offline")
    run = run_of("resumed")
    values = [
        value
        for case in ("resumed", "resumed_again")
        for value in made.truths[case]["keys"]["train/loss"]["values"]
    ]
    one = run.series()["train/loss"]
    assert (one.steps.tolist(), one.values.tolist()) == (list(range(len(values))), values)


def test_the_command_line_tells_the_run_by_its_name(made, monkeypatch):
    monkeypatch.chdir(made.folder)
    done = CliRunner().invoke(main, ["run", "finished", "--format", "json"], prog_name="runwise")
    told = json.loads(done.stdout)
    assert (told["run"]["name"], told["run"]["state"]) == ("finished", "finished")
    last = {row["name"]: row["last"] for row in told["metrics"]}
    truth = made.truths["finished"]["keys"]["train/loss"]
    assert last["train/loss"] == truth["last"]
