"""Pipes, sockets and devices under the name of a log: nothing is read that never ends."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from runwise_parsers import find_runs, open_run

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none")
ROWS = '{"step": 0, "loss": 2.5}\n{"step": 1, "loss": 2.0}\n'


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a directory with one log, and make it the current one: addresses are short."""
    (tmp_path / "good.jsonl").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


LOGS = [
    "metrics.jsonl", "run-x.wandb", "metrics.csv", "train.log", "events.out.tfevents.1.x",
    "mlflow.db", "trainer_state.json",
]  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_a_pipe_is_no_log(place, name):
    os.mkfifo(name)
    assert [info.id for info in find_runs(place)] == ["good"]
    with pytest.raises(LookupError):
        open_run(name)


def test_a_socket_is_no_log(place):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("metrics.jsonl")
        assert [info.id for info in find_runs(place)] == ["good"]


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/random", "/dev/null"])
def test_a_link_to_a_device_is_no_log(place, device):
    Path("metrics.jsonl").symlink_to(device)
    assert [info.id for info in find_runs(place)] == ["good"]
    with pytest.raises(LookupError):
        open_run("metrics.jsonl")


def test_a_link_to_a_log_is_one(place):
    Path("other").mkdir()
    Path("other/linked.jsonl").symlink_to("../good.jsonl")
    assert sorted(info.id for info in find_runs(place)) == ["good", "other/linked"]
