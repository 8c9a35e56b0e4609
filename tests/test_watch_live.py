"""Waiting for runs that are really being written: by W&B's client, and by a plain loop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from runwise.filters.grammar import terms_of
from runwise.following import ENDED, MET, End, Wish, follow
from runwise.watching import Rows
from runwise.workspace import Workspace

pytestmark = pytest.mark.trackers
INTERVAL = 0.5
WANDB = """
import time, wandb
run = wandb.init(project="p", id="live0001", mode="offline")
for step in range(4000):
    wide = {f"layer_{n}/norm": step + n / 7 for n in range(300)}
    run.log({"train/loss": 4000 - step, **wide})
    time.sleep(0.01)
"""
PLAIN = """
import json, time
with open("live0001.jsonl", "a") as log:
    for step in range(4000):
        print(json.dumps({"step": step, "time": time.time(), "train/loss": 4000 - step}), file=log)
        log.flush()
        time.sleep(0.01)
"""


@pytest.fixture(params=["wandb", "plain"])
def writer(request, tmp_path):
    """A process that trains; everything it started ends with it."""
    if not sys.platform.startswith("linux"):
        pytest.skip("process groups are killed in Linux's way")
    if request.param == "wandb":
        pytest.importorskip("wandb")
    quiet = {"WANDB_SILENT": "true", "WANDB_DIR": str(tmp_path), "WANDB_DISABLE_GIT": "true"}
    process = subprocess.Popen(
        [sys.executable, "-c", WANDB if request.param == "wandb" else PLAIN],
        cwd=tmp_path, env={**os.environ, **quiet}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not _rows(tmp_path):
        assert time.monotonic() < deadline, "nothing was written"
        time.sleep(0.2)
    yield process
    _kill(process)


def _rows(folder):
    runs = Workspace(folder).runs
    return runs and runs[0].last_step is not None and runs[0].last_step > 20


def _kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def test_a_condition_is_met_as_soon_as_its_bytes_are_there(writer, tmp_path):
    begun = Workspace(tmp_path).runs[0].last_step
    wanted = 4000 - (begun + 300)
    wish = Wish(terms_of([f"train/loss<={wanted:.0f}"]), timeout=90.0)
    before: list[float] = []
    for event in follow(Workspace(tmp_path), "live0001", wish, INTERVAL):
        if isinstance(event, Rows):
            before.append(event.metrics["train/loss"])
        if isinstance(event, End):
            assert event.code == MET, event
    assert writer.poll() is None, "it was to be met while the run goes on"
    assert all(value > wanted for value in before[:-1]), "a look before had seen it already"
    assert before[-1] <= wanted


def test_the_command_says_so_with_its_exit_code(writer, tmp_path):
    begun = Workspace(tmp_path).runs[0].last_step
    command = [sys.executable, "-m", "runwise", "-C", str(tmp_path), "watch", "live0001"]
    wish = ["--until", f"train/loss<{4000 - begun - 200:.0f}", "-i", "0.3", "--timeout", "90s"]
    done = subprocess.run(
        [*command, *wish], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (MET, "")
    assert done.stdout.splitlines()[-1].startswith("end: train/loss<")
    late = [*command, "--until", "train/loss<-1", "--timeout", "1s"]
    ended = subprocess.run(late, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 4
    assert writer.poll() is None


def test_a_killed_writer_ends_it(writer, tmp_path, monkeypatch):
    workspace = Workspace(tmp_path)
    now = lambda: time.time()  # noqa: E731, PLW0108 - looked up anew: it is moved on below
    wish = Wish(terms_of(["train/loss<-1"]))
    events = follow(workspace, "live0001", wish, INTERVAL, clock=now)
    next(events)
    _kill(writer)
    later = time.time() + 600
    monkeypatch.setattr(time, "time", lambda: later)
    found = [event for event in events if isinstance(event, End)]
    assert found == [End(ENDED, "the run went silent")]
