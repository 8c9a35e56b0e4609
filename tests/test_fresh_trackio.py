"""Runs made a moment ago by the real Trackio are told as they were logged.

``tools/fixtures/trackio_cases.py`` makes them and writes down the truth about each.
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
    if find_spec("trackio") is None:
        pytest.skip("trackio is not installed")
    if not sys.platform.startswith("linux"):
        pytest.skip("the cases kill processes in Linux's way")
    folder = tmp_path_factory.mktemp("trackio")
    script = house / "tools/fixtures/trackio_cases.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return Made(folder, truths, {info.id: info for info in find_runs(folder)})


def curve(steps, values) -> list[tuple[float, str]]:
    """Points as text, because NaN equals nothing."""
    return list(zip(map(float, steps), map(repr, map(float, values)), strict=True))


def test_every_run_of_the_project_is_found_once(made):
    assert len(list(find_runs(made.folder))) == len(made.truths)
    assert sorted(made.infos) == sorted(truth["id"] for truth in made.truths.values())
    assert {(info.source, info.project) for info in made.infos.values()} == {("trackio", "demo")}


def test_every_point_is_read_as_it_was_logged_before_the_end(made):
    for case, truth in made.truths.items():
        run = open_run(made.infos[truth["id"]])
        got = {name: curve(one.steps, one.values) for name, one in run.series().items()}
        logged = {name: curve(key["steps"], key["values"]) for name, key in truth["keys"].items()}
        if truth.get("exact", True):
            assert got == logged, case
        else:  # Trackio died with rows that it had not written
            assert got == {name: whole[: len(got[name])] for name, whole in logged.items()}
            assert len(got["train/loss"]) >= 1
        segments = {batch.segment for batch in run.batches()}
        assert segments == set(range(truth.get("segments", 1))), case


def test_every_run_is_described_as_it_was_started(made):
    for case, truth in made.truths.items():
        info = made.infos[truth["id"]]
        assert info.state in {truth["state"], "running"}, case
        assert (info.name, info.group) == (truth["name"], truth.get("group", "")), case
        assert open_run(info).config() == truth["config"], case
        assert info.gaps == (), case
        highest = max(max(key["steps"]) for key in truth["keys"].values())
        assert info.last_step == highest or not truth.get("exact", True), case


def test_the_summary_is_what_was_logged_last(made):
    for case, truth in made.truths.items():
        if truth.get("exact", True):
            summary = open_run(made.infos[truth["id"]]).summary()
            for name, key in truth["keys"].items():
                assert math.isnan(key["last"]) or summary[name] == key["last"], (case, name)


def test_alerts_the_machine_and_media_are_told(made):
    truth = made.truths["alerting"]
    run = open_run(made.infos[truth["id"]])
    alerts = [{"title": a.title, "text": a.text, "level": a.level} for a in run.alerts()]
    assert alerts == truth["alerts"]
    assert {name: one.last for name, one in run.system().items()} == truth["system"]
    truth = made.truths["media"]
    run = open_run(made.infos[truth["id"]])
    run.series()
    (gap,) = run.gaps
    assert all(name in gap.missing for name in truth["media"])
