"""Runs made a moment ago by the real wandb client are told as they were logged.

``tools/fixtures/wandb_cases.py`` makes them and writes down the truth about each.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from runwise.main import main
from runwise.workspace import Workspace
from runwise_format.safety import clean

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.trackers

NAMED = 120  # characters of a metric's name that are shown
ALIVE = ("sigkill_client", "sigkill_both")  # for 90 seconds, nobody can know that they are dead
CASES = [
    "finished", "raising", "interrupted", "sigkill_client", "sigkill_both", "nested_config",
    "tags_and_notes", "non_finite", "media", "defined_summary", "rare_metric", "sixty_metrics",
    "nested_metrics", "odd_names", "running",
]  # fmt: skip


@dataclass(frozen=True)
class Made:
    """The runs of a session: where they are, and what was logged."""

    folder: Path
    truths: dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def made(house, tmp_path_factory):
    pytest.importorskip("wandb")
    if not sys.platform.startswith("linux"):
        pytest.skip("the cases kill processes in Linux's way")
    folder = tmp_path_factory.mktemp("fresh")
    script = house / "tools/fixtures/wandb_cases.py"
    done = subprocess.run(
        [sys.executable, script, folder, "--keep-running", "300"],
        capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    truths = json.loads((folder / "manifest.json").read_text())
    yield Made(folder, truths)
    with suppress(ProcessLookupError):
        os.kill(truths["running"]["pid"], signal.SIGTERM)


@pytest.fixture
def tell(made, monkeypatch):
    """Ask a question in the folder of the runs and return the answer as data."""
    monkeypatch.chdir(made.folder)
    monkeypatch.delenv("RUNWISE_FORMAT", raising=False)

    def call(*words):
        result = CliRunner().invoke(main, [*words, "--format", "json"], prog_name="runwise")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert result.stdout.startswith("{"), result.output
        return json.loads(result.stdout)

    return call


def value_of(number):
    """Return a logged number as JSON output says it."""
    if isinstance(number, (int, float)) and not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    return number


def states_of(case, truth):
    return {truth["state"], "running"} if case in ALIVE else {truth["state"]}


def last_of(truth, name, step):
    """Return the value logged last at or before a step: a killed log holds the first rows."""
    column = truth["keys"][name]
    rows = [row for row, at in enumerate(column["steps"]) if at <= step]
    return column["values"][rows[-1]]


@pytest.mark.parametrize("case", CASES)
def test_list_has_the_run_with_its_state_name_and_step(made, tell, case):
    truth = made.truths[case]
    (row,) = [row for row in tell("list", "-n", "50")["runs"] if row["id"] == truth["id"]]
    assert row["name"] == clean(row["name"], NAMED)
    assert truth["id"].startswith(row["ref"])
    assert row["state"] in states_of(case, truth)
    if truth.get("exact", True):
        assert row["step"] == truth["last_step"]
    if row["metric"] is not None and row["metric"] in truth["keys"] and case != "running":
        assert row["last"] == value_of(last_of(truth, row["metric"], row["step"]))


def test_list_holds_every_run_once_and_the_running_one_first(made, tell):
    rows = tell("list", "-n", "50")["runs"]
    assert sorted(row["id"] for row in rows) == sorted(
        {truth["id"] for truth in made.truths.values()}
    )
    assert rows[0]["state"] == "running"


@pytest.mark.parametrize("case", CASES)
def test_a_run_answers_to_its_name_id_beginning_and_path(made, tell, case):
    truth = made.truths[case]
    (folder,) = made.folder.glob(f"wandb/*-{truth['id']}")
    log = folder / f"run-{truth['id']}.wandb"
    refs = [truth["name"], truth["id"], truth["id"][:5], str(folder), str(log)]
    refs += [os.fspath(path.relative_to(made.folder)) for path in (folder, log)]
    for ref in refs:
        assert tell("run", ref, "-k", "*", "--no-anomalies")["run"]["id"] == truth["id"]


@pytest.mark.parametrize("case", CASES)
def test_run_tells_the_state_the_steps_and_the_last_values(made, tell, case):
    truth = made.truths[case]
    answer = tell("run", truth["id"], "-k", "*")
    told = answer["run"]
    assert told["state"] in states_of(case, truth)
    assert told["name"] == clean(truth["name"])
    if "exit_code" in truth:
        assert told["exit_code"] == truth["exit_code"]
    if truth.get("exact", True):
        assert told["step"] == truth["last_step"]
    expected = {
        clean(name, NAMED): value_of(last_of(truth, name, told["step"]))
        for name in truth["keys"]
    } if case != "running" else {}  # fmt: skip
    shown = {clean(row["name"], NAMED): row["last"] for row in answer["metrics"]}
    assert expected.items() <= shown.items()
    assert shown.keys() == {clean(name, NAMED) for name in truth["keys"]}


@pytest.mark.parametrize("case", CASES)
def test_keys_counts_every_point(made, tell, case):
    truth = made.truths[case]
    counted = tell("keys", truth["id"])["keys"]
    logged = {clean(name, NAMED): column["rows"] for name, column in truth["keys"].items()}
    assert counted.keys() == logged.keys()
    if truth.get("exact", True):
        assert counted == logged
    elif case != "running":
        assert all(0 < counted[name] <= logged[name] for name in logged)


@pytest.mark.parametrize("case", CASES)
def test_check_finds_trouble_where_there_is_some_and_only_there(made, tell, case):
    truth = made.truths[case]
    answer = tell("check", truth["id"])
    found = {
        (item["kind"], item["metric"], item["step"])
        for item in answer["findings"]
        if item["severity"] != "info"  # a curve of 1/step does go flat
    }
    if case == "non_finite":
        assert found == {("non_finite", "loss", 30.0), ("non_finite", "always_nan", 0.0)}
    elif case == "defined_summary":  # its validation loss rises again from step 75 on
        assert all(metric == "val/loss" and step > 50 for _, metric, step in found)
    elif case == "raising":  # what ended it is a finding of its own
        assert found == {("crash", "", None)}
    else:
        assert found == set()
    assert answer["run"]["state"] in states_of(case, truth)


def test_latest_is_the_run_that_is_running(made, tell):
    answer = tell("latest")
    running = {made.truths[case]["id"] for case in (*ALIVE, "running")}
    assert answer["run"]["id"] in running
    assert answer["run"]["state"] == "running"
    assert answer["metrics"][0]["name"] == "train/loss"


@pytest.mark.parametrize("case", ALIVE)
def test_a_killed_run_is_crashed_once_its_clock_is_old(made, tell, case, tmp_path):
    truth = made.truths[case]
    (folder,) = made.folder.glob(f"wandb/*-{truth['id']}")
    copy = tmp_path / "wandb" / folder.name
    shutil.copytree(folder, copy)
    log = copy / f"run-{truth['id']}.wandb"
    old = log.stat().st_mtime - 1000
    os.utime(log, (old, old))
    answer = tell("run", truth["id"], "-C", str(tmp_path))
    assert answer["run"]["state"] == "crashed"
    assert "crashed (no exit record)" in answer["verdict"]


def test_a_resumed_run_is_one_run(made, tell):
    first, second = made.truths["resumed"], made.truths["resumed_again"]
    answer = tell("run", "resumed")
    shift = first["last_step"] + 1
    assert answer["run"]["state"] == "finished"
    assert answer["run"]["step"] == shift + second["last_step"]
    last = {row["name"]: row["last"] for row in answer["metrics"]}
    assert last == {name: column["last"] for name, column in second["keys"].items()}
    counted = tell("keys", "resume01")["keys"]
    rows = {name: column["rows"] + second["keys"][name]["rows"]
            for name, column in first["keys"].items()}  # fmt: skip
    assert counted == rows
    # It began again without its weights: the loss came back from where it was. No spike, no jump.
    found = [(item["kind"], item["step"]) for item in tell("check", "resume01")["findings"]]
    assert found == [("regression", shift)]
    at = tell("run", f"resume01@{first['last_step']}")
    assert at["metrics"][0]["last"] == first["keys"][at["metrics"][0]["name"]]["last"]


def test_what_is_known_of_a_run_besides_its_metrics_is_as_it_was_given(made):
    workspace = Workspace(made.folder)
    truth = made.truths["tags_and_notes"]
    info = workspace.resolve(truth["id"])[0]
    assert list(info.tags) == truth["tags"]
    assert (info.notes, info.group, info.job_type, info.project) == (
        truth["notes"], truth["group"], truth["job_type"], truth["project"],
    )  # fmt: skip
    truth = made.truths["nested_config"]
    assert workspace.open(workspace.resolve(truth["id"])[0]).config() == truth["config"]


def test_the_planned_end_is_read_out_of_the_configuration(tell):
    told = tell("run", "finished")["run"]
    assert (told["done"], told["total"], told["progress"]) == (199.0, 200.0, 1.0)


def test_media_are_mentioned_once(made, tell):
    answer = tell("run", "media")
    mentions = [note for note in answer["notes"] if "media" in note]
    assert len(mentions) == 1
    assert all(name in mentions[0] for name in made.truths["media"]["media"])
    assert answer["summary"] == {}


def test_a_defined_summary_is_shown(tell):
    assert tell("run", "define01")["summary"] == {"val/loss.min": 0.25}


def test_a_metric_logged_every_500th_step_keeps_all_its_points(made, tell):
    answer = tell("run", "rare-metric", "-k", "eval/score")
    assert answer["metrics"][0]["best"] == {"value": 1.0, "step": 5000.0}
    assert tell("list", "-n", "50", "-k", "eval/score")["runs"]
    assert tell("keys", "rare-metric")["keys"]["eval/score"] == 11


def test_a_run_is_found_through_the_latest_link(made, tell):
    link = made.folder / "wandb/latest-run"
    assert link.is_symlink()
    assert tell("run", str(link))["run"]["id"] in {t["id"] for t in made.truths.values()}


def test_no_answer_steers_a_terminal(made, runwise):
    for words in (("list", "-n", "50"), ("run", "oddname1"), ("keys", "oddname1")):
        for output in ("compact", "text", "json"):
            done = runwise(*words, "--format", output, cwd=made.folder)
            assert done.returncode == 0
            assert not any(byte < 32 and byte != 10 for byte in done.stdout)
