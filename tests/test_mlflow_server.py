"""Runs fetched from a real MLflow server are those of its data base, read from the file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import dataclass, fields
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from runwise_parsers import find_runs, open_run
from runwise_parsers.remotes.mlflow_server import MlflowServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.trackers

STARTED = "Application startup complete"
PATIENCE = 240.0


@dataclass(frozen=True)
class Served:
    """A server, the data base it serves, and a copy of that from before."""

    url: str
    database: Path
    copy: Path

    def post(self, what, **body):
        request = Request(
            f"{self.url}/api/2.0/mlflow/{what}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def local(self):
        """Return the runs as the data base has them."""
        return {info.id: info for info in find_runs(self.database)}


@pytest.fixture(scope="module")
def served(house, tmp_path_factory):
    if find_spec("mlflow") is None:  # to import it costs seconds
        pytest.skip("mlflow is not installed")
    if not sys.platform.startswith("linux"):
        pytest.skip("the cases kill processes in Linux's way")
    folder = tmp_path_factory.mktemp("mlflow_server")
    script = house / "tools/fixtures/mlflow_cases.py"
    subprocess.run(
        [sys.executable, script, folder, "--only", "database", "database_killed"],
        capture_output=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    database = folder / "served.db"
    shutil.copy(folder / "database/mlflow.db", database)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{database}",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-serve-artifacts",
        "--default-artifact-root", str(folder / "artifacts"),
    ]  # fmt: skip
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as server:  # fmt: skip
        kill = threading.Timer(PATIENCE, os.killpg, (server.pid, signal.SIGKILL))
        kill.start()
        said = []
        for line in server.stdout:
            said.append(line)
            if STARTED in line:
                break
        kill.cancel()
        assert said and STARTED in said[-1], "".join(said)  # noqa: PT018  one thing, safely
        drain = threading.Thread(target=server.stdout.read)
        drain.start()
        yield Served(f"http://127.0.0.1:{port}", database, folder / "database/mlflow.db")
        os.killpg(server.pid, signal.SIGKILL)
        drain.join()


@pytest.fixture(autouse=True)
def plain_settings(monkeypatch):
    for name in ("TRACKING_URI", "TRACKING_USERNAME", "TRACKING_PASSWORD", "TRACKING_TOKEN"):
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)


@pytest.fixture
def remote():
    return MlflowServer()


def curves(series):
    return {
        name: list(zip(one.steps, map(repr, one.values), one.times or (), strict=True))
        for name, one in series.items()
    }


def assert_same(there, here):
    assert curves(there.series()) == curves(here.series())
    assert curves(there.system()) == curves(here.system())
    assert there.config() == here.config()
    assert {name: repr(one) for name, one in there.summary().items()} == {
        name: repr(one) for name, one in here.summary().items()
    }


def test_every_run_of_the_server_reads_as_it_does_from_its_database(served, remote, tmp_path):
    local = {info.id: info for info in find_runs(served.copy)}
    found = [info for info in remote.runs(served.url, tmp_path) if info.id in local]
    assert len(found) == len(local) > 8
    created = [info.created for info in found]
    assert created == sorted(created, reverse=True)
    for info in found:
        known = local[info.id]
        told = remote.fetch(info, tmp_path)
        elsewhere = {"source", "segments"} | ({"state"} if known.name == "killed" else set())
        for field in fields(told):
            if field.name not in elsewhere:
                expected = getattr(known, field.name)
                assert field.name == "gaps" or getattr(info, field.name) == expected, info.name
                assert getattr(told, field.name) == expected, (info.name, field.name)
        assert_same(open_run(told), open_run(known))


def test_a_run_that_goes_on_and_starts_again_is_followed(served, remote, tmp_path):
    made = served.post("runs/create", experiment_id="1", start_time=1_700_000_000_000)
    run_id = made["run"]["info"]["run_id"]

    def log(first, last, clock, every=10):
        points = [
            {"key": name, "value": value, "timestamp": 1_700_000_000_000 + clock + step,
             "step": count}
            for step in range(first, last)
            for name, value, count in (
                ("loss", 1 / (1 + step), step), ("val", step / 7, step // every),
                ("step", step, step),
            )
            if name != "val" or step % every == every - 1
        ]  # fmt: skip
        for begin in range(0, len(points), 999):
            served.post("runs/log-batch", run_id=run_id, metrics=points[begin : begin + 999])

    (info,) = remote.runs(f"{served.url}/#/experiments/1/runs/{run_id}", tmp_path)
    for first, last, clock in ((0, 1500, 0), (1500, 1600, 0), (1200, 1700, 5_000), (0, 50, 9_000)):
        log(first, last, clock)
        there = open_run(remote.fetch(info, tmp_path))
        here = open_run(served.local()[run_id])
        assert_same(there, here)
        segments = [{batch.segment for batch in run.batches()} for run in (there, here)]
        assert segments[0] == segments[1]
    served.post("runs/update", run_id=run_id, status="FINISHED", end_time=1_700_000_100_000)
    assert remote.fetch(info, tmp_path).state == "finished"


def test_long_histories_are_paged(served, tmp_path):
    made = served.post("runs/create", experiment_id="1", start_time=1_700_000_000_000)
    run_id = made["run"]["info"]["run_id"]
    for begin in range(0, 4000, 1000):
        served.post(
            "runs/log-batch", run_id=run_id,
            metrics=[
                {"key": "loss", "value": step / 3, "timestamp": 1_700_000_000_000 + step,
                 "step": step}
                for step in range(begin, begin + 1000)
            ],
        )  # fmt: skip
    from runwise_parsers.mlflow_server.address import address_of
    from runwise_parsers.mlflow_server.history import Histories
    from runwise_parsers.mlflow_server.rest import Server

    server = Server(address_of(served.url, {}))
    points, _ = Histories(server, run_id, page=333).points("loss")
    assert [one.step for one in points] == list(range(4000))
    known = points[:3210]
    asked = []
    paged = Histories(server, run_id, page=333)
    paged._server = Counted(server, asked)
    assert paged.points("loss", known) == (points, 3210)
    assert len(asked) == 3


class Counted:
    """A server that notes what it is asked."""

    def __init__(self, server, asked):
        self._server = server
        self._asked = asked
        self.root = server.root

    def get(self, what, **words):
        self._asked.append(words)
        return self._server.get(what, **words)


def test_runs_are_picked_as_the_server_and_as_we_do(served, remote, tmp_path):
    def names(ref=served.url, limit=None, **filters):
        found = remote.runs(ref, tmp_path, filters=filters, limit=limit)
        return sorted(info.name for info in found)

    assert names(state="failed") == ["failed"]
    assert names(state="killed") == ["stopped"]
    assert names(name="non_finite") == ["non_finite"]
    assert names(project="old") == ["deleted_with_all"]
    assert names(filter="params.optimizer = 'adam'") == ["finished"]
    assert names(filter="params.optimizer = 'adam'", state="failed") == []
    assert len(names(limit=3)) == 3
    assert names(f"{served.url}/#/runs/goes_back") == ["goes_back"]
    assert names(f"{served.url}/#/experiments/old") == ["deleted_with_all"]
    with pytest.raises(OSError, match="does not take the question"):
        names(filter="no such language")
    with pytest.raises(LookupError, match="has no run"):
        names(f"{served.url}/#/runs/{'0' * 32}")
