"""What the tests of this package share: a project of JSON Lines runs, and a way to ask."""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.demo import demo_root
from runwise.main import main
from runwise.session import AGENTS
from runwise.workspace import Workspace
from runwise_parsers import RunInfo

BEGIN = 1_700_000_000.0


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path, tmp_path_factory):
    """Nothing of the machine decides where runs are looked for or how answers look."""
    names = ("RUNWISE_FORMAT", "RUNWISE_PROJECT_ROOT", "RUNWISE_WANDB_DIR", "RUNWISE_LOGS_DIR")
    for name in (*names, "WANDB_DIR", *AGENTS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RUNWISE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def demo() -> Path:
    return demo_root()


@pytest.fixture
def demo_runs(demo) -> Workspace:
    return Workspace(demo)


@pytest.fixture
def write_run(tmp_path):
    """Write rows as a JSON Lines run below the current directory, and return its path."""

    def write(name, rows, folder=tmp_path):
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def training():
    """Rows of a run that learns: a loss, an accuracy, a learning rate, two seconds apart."""

    def rows(count, **more):
        return [
            {
                "step": step,
                "time": BEGIN + 2 * step,
                "train/loss": 2 / (1 + step / 20),
                "train/accuracy": 1 - 1 / (2 + step),
                "lr": 0.001,
                **more,
            }
            for step in range(count)
        ]

    return rows


@pytest.fixture
def info():
    """Make a run's description out of what matters to a test."""

    def make(run_id="run1", name="", updated=BEGIN, state="finished", path=None, **more):
        segments = (Path(path or f"runs/{run_id}"),)
        return RunInfo("jsonl", run_id, name, state, updated=updated, segments=segments, **more)

    return make


@pytest.fixture
def ask():
    """Call the command line in this process."""
    apart = "mix_stderr" in inspect.signature(CliRunner).parameters  # click before 8.2
    runner = CliRunner(mix_stderr=False) if apart else CliRunner()

    def call(*words, **environment):
        return runner.invoke(
            main, [str(word) for word in words], env=environment, prog_name="runwise"
        )

    return call


@pytest.fixture
def answer(ask):
    """Ask for JSON and return it parsed."""

    def call(*words):
        result = ask(*words, "--format", "json")
        assert result.stderr == ""
        return json.loads(result.stdout)

    return call


@pytest.fixture
def spiky(training):
    """Rows with one spike and one NaN at known steps."""

    def rows(count=400, spike=200, nan=300):
        made = training(count)
        made[spike]["train/loss"] = 50.0
        made[nan]["train/loss"] = math.nan
        return made

    return rows
