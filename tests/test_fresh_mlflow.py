"""Runs made a moment ago by the real MLflow, in its database and in its file store, are told.

``tools/fixtures/mlflow_cases.py`` makes them and writes down the truth about each.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from runwise_parsers import find_runs, open_run

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers import RunInfo

pytestmark = pytest.mark.trackers


@dataclass(frozen=True)
class Made:
    """The runs: where they are, what was logged, what was found."""

    folder: Path
    truths: dict[str, dict[str, Any]]
    infos: dict[str, RunInfo]


@pytest.fixture(scope="module")
def made(house, tmp_path_factory):
    if find_spec("mlflow") is None:  # to import it costs seconds
        pytest.skip("mlflow is not installed")
    if not sys.platform.startswith("linux"):
        pytest.skip("the cases kill processes in Linux's way")
    folder = tmp_path_factory.mktemp("mlflow")
    script = house / "tools/fixtures/mlflow_cases.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return Made(folder, truths, {info.id: info for info in find_runs(folder)})


def curves(truth) -> dict[str, list[tuple[float, str]]]:
    """Points as text, because NaN equals nothing; what the machine did is a group of its own."""
    return {
        name: list(
            zip(map(float, key["steps"]), map(repr, map(float, key["values"])), strict=True)
        )
        for name, key in truth["keys"].items()
        if not name.startswith("system/")
    }


def read(series) -> dict[str, list[tuple[float, str]]]:
    return {
        name: list(zip(one.steps, map(repr, one.values), strict=True))
        for name, one in series.items()
    }


def test_every_run_is_found_once(made):
    assert len(list(find_runs(made.folder))) == len(made.truths)
    assert sorted(made.infos) == sorted(truth["id"] for truth in made.truths.values())
    assert {info.source for info in made.infos.values()} == {"mlflow"}


def test_every_point_is_read_as_it_was_logged(made):
    for case, truth in made.truths.items():
        run = open_run(made.infos[truth["id"]])
        assert read(run.series()) == curves(truth), case
        assert read(run.tail(10_000)) == curves(truth), case
        assert read(run.window(None, -math.inf, math.inf)) == curves(truth), case
        assert run.gaps == (), case
        assert {batch.segment for batch in run.batches()} == set(
            range(truth.get("segments", 1) if truth["keys"] else 0)
        ), case


def test_every_run_is_described_as_it_ended(made):
    for case, truth in made.truths.items():
        info = made.infos[truth["id"]]
        alive = {"running"} if "killed" in case else set()
        assert info.state in {truth["state"], *alive}, case
        assert (info.name, info.project) == (truth["name"], truth["project"]), case
        assert info.last_step == (
            truth.get("highest", truth["last_step"]) if truth["keys"] else None
        ), case
        assert (info.group, info.deleted) == (truth.get("group", ""), truth.get("deleted", False))
        assert (list(info.tags), info.notes) == (truth.get("tags", []), truth.get("notes", ""))
        assert info.command == "train.py", case
        assert open_run(info).config() == truth.get("config", {}), case


def test_the_summary_is_the_value_at_the_highest_step(made):
    for case, truth in made.truths.items():
        last = {name: curve[-1][1] for name, curve in curves(truth).items()}
        last |= {name: repr(value) for name, value in truth.get("latest", {}).items()}
        summary = open_run(made.infos[truth["id"]]).summary()
        assert {name: repr(value) for name, value in summary.items()} == last, case


def test_stored_files_are_listed_and_read(made):
    for case, truth in made.truths.items():
        run = open_run(made.infos[truth["id"]])
        stored = truth.get("artifacts", {})
        assert {one.name: one.size for one in run.artifacts()} == {
            name: len(text) for name, text in stored.items()
        }, case
        for name, text in stored.items():
            assert run.read_artifact(name) == text.encode(), case


def test_what_was_measured_of_the_machine_is_told_apart(made):
    for case in ("database_killed", "files_killed"):
        system = open_run(made.infos[made.truths[case]["id"]]).system()
        assert system["system/cpu_utilization_percentage"].values.tolist() == [50.0] * 10
