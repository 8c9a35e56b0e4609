"""What an MLflow server may do wrong, from a small one made here; tests/ asks the real one."""

from __future__ import annotations

import base64
import json
import math
import socket
import struct
import threading
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import open_run
from runwise_parsers.mlflow_server.address import from_environment, named
from runwise_parsers.remote import RemoteError
from runwise_parsers.remotes.mlflow_server import MlflowServer

RUN = "0123456789abcdef0123456789abcdef"
START = 1_700_000_000_000


@dataclass
class Mlflow:
    """A server with one run: its points by metric, each ``(clock, step, value)``."""

    url: str = ""
    metrics: dict = field(default_factory=dict)
    status: str = "RUNNING"
    tags: dict = field(default_factory=dict)
    fault: object = None
    times: int = 1 << 30
    page: int = 100
    tokens: bool = True
    refuses_pages: bool = False
    repeats: bool = False
    answer: object = None
    asked: list = field(default_factory=list)
    logins: list = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def log(self, name, *points):
        self.metrics.setdefault(name, []).extend(
            (START + 1000 * clock, step, value) for clock, step, value in points
        )

    def histories(self):
        found, self.asked[:] = [words for words in self.asked if "metric_key" in words], []
        return found

    def run(self):
        newest = {
            name: max(several, key=lambda one: (one[1], one[0]))
            for name, several in self.metrics.items()
        }
        tags = {"mlflow.runName": "tidy", "team": "blue", **self.tags}
        info = {
            "run_id": RUN, "experiment_id": "7", "status": self.status, "start_time": str(START),
            "end_time": START + 10**6 if self.status != "RUNNING" else None,
            "lifecycle_stage": "active",
        }  # fmt: skip
        return {
            "info": info,
            "data": {
                "metrics": [entry(name, *point) for name, point in newest.items()],
                "params": [{"key": "lr", "value": "0.5"}],
                "tags": [{"key": key, "value": value} for key, value in tags.items()],
            },
        }

    def history(self, words):
        points = sorted(self.metrics[words["metric_key"]], key=lambda one: one[0])
        if self.refuses_pages and "max_results" in words:
            return 400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no pages here"}
        first = 0
        if self.tokens and "page_token" in words:
            first = json.loads(base64.b64decode(words["page_token"]))["offset"]
        size = min(self.page, int(words["max_results"])) if "max_results" in words else 10**9
        if not self.tokens:
            size = 10**9
        part = points[first : first + size]
        answer = {"metrics": [entry(words["metric_key"], *point) for point in part]}
        if first + size < len(points) or self.repeats:
            offset = first if self.repeats else first + size
            token = base64.b64encode(json.dumps({"offset": offset}).encode()).decode()
            answer["next_page_token"] = token
        return 200, answer


def entry(name, clock, step, value):
    said = value if isinstance(value, str) or math.isfinite(value) else repr(value)
    said = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(said, said)
    return {"key": name, "value": said, "timestamp": str(clock), "step": str(step)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        words = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.reply(parts.path, words)

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        self.reply(self.path, json.loads(self.rfile.read(size)))

    def reply(self, path, words):
        server = self.server.mlflow
        server.asked.append(words)
        server.logins.append(self.headers.get("Authorization"))
        if server.fault is not None and server.times > 0:
            server.times -= 1
            return self.fail(server.fault)
        what = path.partition("/api/2.0/mlflow/")[2]
        status, answer = self.found(server, what, words)
        return self.send(status, json.dumps(answer).encode())

    @staticmethod
    def found(server, what, words):
        project = {"experiment_id": "7", "name": "vision", "lifecycle_stage": "active"}
        if server.answer is not None:
            return 200, server.answer
        if what == "metrics/get-history":
            return server.history(words)
        if what == "runs/get" and words["run_id"] != RUN:
            return 404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such run"}
        return 200, {
            "runs/get": {"run": server.run()},
            "runs/search": {"runs": [server.run()]},
            "experiments/search": {"experiments": [project]},
            "experiments/get": {"experiment": project},
        }[what]

    def fail(self, fault):
        if isinstance(fault, int):
            return self.send(fault, b'{"error_code": "ODD", "message": "so it is"}')
        if isinstance(fault, bytes):
            return self.send(200, fault)
        if fault == "hang":
            self.server.mlflow.over.wait(20)
        elif fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        elif fault == "half":
            self.send(200, b'{"runs": [', more=50)
        elif fault == "501":
            self.send_error(501)
        elif fault == "no http":
            self.wfile.write(b"220 mail here\r\n")
        elif fault.startswith("http"):
            self.send_response(302)
            self.send_header("Location", fault)
            self.send_header("Content-Length", "0")
            self.end_headers()
        self.close_connection = True
        return None

    def send(self, status, data, more=0):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data) + more))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def make_server():
    started = []

    def make():
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None
        server.mlflow = Mlflow(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        return server.mlflow

    yield make
    for server, thread in started:
        server.mlflow.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def mlflow(make_server, monkeypatch):
    for name in ("TRACKING_URI", "TRACKING_USERNAME", "TRACKING_PASSWORD", "TRACKING_TOKEN"):
        monkeypatch.delenv(f"MLFLOW_{name}", raising=False)
    return make_server()


@pytest.fixture
def remote():
    return MlflowServer(timeout=0.5, pauses=(0.0,))


def curves(run):
    return {
        name: list(zip(one.steps, map(repr, one.values), one.times or (), strict=True))
        for name, one in run.series().items()
    }


def truth(mlflow):
    return {
        name: [(float(step), repr(float(value)), clock / 1000) for clock, step, value in points]
        for name, points in mlflow.metrics.items()
    }


def test_a_run_is_told_and_read(mlflow, remote, tmp_path):
    values = [0.5, math.nan, math.inf, -math.inf, 0.25]
    mlflow.log("loss", *((step, step, value) for step, value in enumerate(values)))
    mlflow.log("step", (0, 0, 7.0), (3, 3, 8.0))
    mlflow.log("val/acc", (4, 1, 0.75))
    mlflow.tags["mlflow.note.content"] = "first\nsecond"
    (info,) = remote.runs(mlflow.url, tmp_path)
    told = (info.source, info.id, info.name, info.project, info.notes, info.tags, info.last_step)
    assert told == (
        "mlflow-server", RUN, "tidy", "vision", "first\nsecond", ("team=blue",), 4.0,
    )  # fmt: skip
    run = open_run(remote.fetch(info, tmp_path))
    assert curves(run) == truth(mlflow)
    assert run.config() == {"lr": 0.5}
    assert run.gaps == ()


def test_long_histories_come_in_pages(mlflow, remote, tmp_path):
    mlflow.log("loss", *((step, step, step / 7) for step in range(1234)))
    told = []
    (info,) = remote.runs(mlflow.url, tmp_path)
    run = remote.fetch(info, tmp_path, tell=lambda *counts: told.append(counts))
    assert curves(open_run(run)) == truth(mlflow)
    assert told[-1] == (1234, 0)


def test_a_server_that_knows_no_pages_is_asked_for_all(mlflow, remote, tmp_path):
    mlflow.refuses_pages, mlflow.tokens = True, False
    mlflow.log("loss", *((step, step, step / 7) for step in range(250)))
    (info,) = remote.runs(mlflow.url, tmp_path)
    remote.fetch(info, tmp_path)
    mlflow.log("loss", (300, 300, 1.5))
    assert curves(open_run(remote.fetch(info, tmp_path))) == truth(mlflow)


@pytest.mark.parametrize("tokens", [True, False])
def test_a_run_that_goes_on_is_followed(mlflow, remote, tmp_path, tokens):
    mlflow.tokens = tokens
    mlflow.log("loss", *((step, step, step / 7) for step in range(250)))
    mlflow.log("val", (249, 1, 0.5))
    (info,) = remote.runs(mlflow.url, tmp_path)
    cursor = [one.cursor for one in open_run(remote.fetch(info, tmp_path)).batches()][-1]
    mlflow.histories()
    mlflow.log("loss", *((step, step, step / 7) for step in range(250, 270)))
    run = open_run(remote.fetch(info, tmp_path))
    assert curves(run) == truth(mlflow)
    new = [one for batch in run.since(cursor) for one in batch.columns["loss"].steps]
    assert new == list(range(250, 270))
    if tokens:
        assert sorted(mlflow.histories(), key=str) == sorted(
            [
                {"run_id": RUN, "metric_key": name, "max_results": "25000", "page_token": token}
                for name, offset in (("loss", 249), ("val", 0))
                for token in [base64.b64encode(b'{"offset":%d}' % offset).decode()]
            ],
            key=str,
        )


def test_metrics_with_steps_of_their_own_are_no_restart(mlflow, remote, tmp_path):
    """Batches are counted by one metric, epochs by the other, which is logged later."""
    (info,) = remote.runs(mlflow.url, tmp_path)
    for epoch in range(4):
        batches = range(100 * epoch, 100 * epoch + 100)
        mlflow.log("loss", *((step, step, 1 / (1 + step)) for step in batches))
        mlflow.log("val", (100 * epoch + 99, epoch, 0.5))
        run = open_run(remote.fetch(info, tmp_path))
        assert curves(run) == truth(mlflow)
        assert {batch.segment for batch in run.batches()} == {0}


def test_a_restart_that_logs_below_the_newest_step_is_seen(mlflow, remote, tmp_path):
    mlflow.log("loss", *((step, step, step / 7) for step in range(50)))
    (info,) = remote.runs(mlflow.url, tmp_path)
    remote.fetch(info, tmp_path)
    mlflow.log("loss", *((100 + step, step, step / 3) for step in range(20)))
    run = open_run(remote.fetch(info, tmp_path))
    assert curves(run) == truth(mlflow)
    assert {batch.segment for batch in run.batches()} == {0, 1}


def test_points_logged_late_take_their_place(mlflow, remote, tmp_path):
    mlflow.log("loss", *((step, step, step / 7) for step in range(0, 50, 2)))
    (info,) = remote.runs(mlflow.url, tmp_path)
    remote.fetch(info, tmp_path)
    mlflow.metrics["loss"][3:3] = [(START + 5000, 5, 9.0)]
    assert curves(open_run(remote.fetch(info, tmp_path))) == truth(mlflow)


def test_of_a_run_that_has_ended_nothing_is_fetched_twice(mlflow, remote, tmp_path):
    mlflow.status = "FINISHED"
    mlflow.log("loss", *((step, step, step / 7) for step in range(50)))
    mlflow.log("system/cpu", (1, 0, 50.0), (2, 1, 51.0))
    (info,) = remote.runs(mlflow.url, tmp_path)
    first = remote.fetch(info, tmp_path)
    assert len(mlflow.histories()) == 2
    mlflow.tags["mlflow.note.content"] = "written later"
    again = MlflowServer().fetch(first, tmp_path)
    assert mlflow.histories() == []
    assert again == replace(first, notes="written later")
    run = open_run(again)
    assert len(run.series()["loss"]) == 50
    assert run.system()["system/cpu"].steps.tolist() == [1.0, 2.0]


def test_points_without_a_number_are_a_gap(mlflow, remote, tmp_path):
    mlflow.log("loss", (0, 0, 0.5), (1, 1, "none"), (2, 2, 0.25))
    (info,) = remote.runs(mlflow.url, tmp_path)
    run = open_run(remote.fetch(info, tmp_path))
    assert run.series()["loss"].values.tolist() == [0.5, 0.25]
    assert [str(gap).partition(":")[0] for gap in run.gaps] == ["1 point of the server"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (400, "does not take the question"), (401, "wants a login"), (403, "does not let this"),
        (404, "does not know the address"), (429, "takes no more questions"), (500, "failed"),
        (503, "not available"), (418, r"answered with \(418\)"),
        ("hang", "did not answer within 0.5 s"), ("reset", "broke off"), ("half", "broke off"),
        ("no http", "does not speak HTTP"), (b"<html>hello</html>", "no MLflow server"),
        (b'{"runs": [', "broke off"), (b"[]", "no MLflow server"), (b"", "no MLflow server"),
        ("501", "no MLflow server"),
    ],
)  # fmt: skip
def test_a_fault_of_a_server_is_said_with_what_to_do(mlflow, remote, tmp_path, fault, said):
    mlflow.fault = fault
    with pytest.raises(RemoteError, match=said) as caught:
        remote.runs(mlflow.url, tmp_path)
    assert caught.value.remedy


def test_a_list_asks_for_no_history_and_shows_the_newest_points(mlflow, remote, tmp_path):
    mlflow.log("loss", *((step, step, step / 7) for step in range(50)))
    mlflow.log("val", (30, 3, 0.5))
    (info,) = remote.runs(mlflow.url, tmp_path)
    assert mlflow.histories() == []
    run = open_run(info)
    assert curves(run) == {name: points[-1:] for name, points in truth(mlflow).items()}
    assert [gap.missing for gap in run.gaps] == ["the history"]
    fetched = open_run(remote.fetch(info, tmp_path))
    assert curves(fetched) == truth(mlflow)
    assert fetched.gaps == ()
    (again,) = remote.runs(mlflow.url, tmp_path)
    assert again == fetched.info
    assert curves(open_run(again)) == truth(mlflow)


def test_a_run_is_named_as_it_can_be_asked_for(mlflow, remote, tmp_path, monkeypatch):
    (info,) = remote.runs(mlflow.url, tmp_path)
    assert remote.name_of(info) == f"{mlflow.url}/#/experiments/7/runs/{RUN}"
    assert remote.runs(remote.name_of(info), tmp_path) == [info]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    assert remote.name_of(info) == RUN


@pytest.mark.parametrize("fault", [429, 500, 503, "reset", "half", b'{"experiments": ['])
def test_a_fault_that_passes_is_passed_over(mlflow, remote, tmp_path, fault):
    mlflow.fault, mlflow.times = fault, 1
    (info,) = remote.runs(mlflow.url, tmp_path)
    assert info.id == RUN


def test_a_fault_while_a_run_is_fetched_leaves_what_was_there(mlflow, remote, tmp_path):
    mlflow.log("loss", (0, 0, 0.5))
    (info,) = remote.runs(mlflow.url, tmp_path)
    kept = remote.fetch(info, tmp_path)
    before = truth(mlflow)
    mlflow.log("loss", (1, 1, 0.25))
    mlflow.page, mlflow.repeats = 1, True
    with pytest.raises(RemoteError, match="the same page again"):
        remote.fetch(info, tmp_path)
    assert curves(open_run(kept)) == before


def test_nothing_that_listens_is_said(remote, tmp_path):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RemoteError, match="nothing listens"):
            remote.runs(f"http://127.0.0.1:{taken.getsockname()[1]}", tmp_path)


def test_what_a_server_does_not_have_is_said(mlflow, remote, tmp_path):
    for ref in (f"{mlflow.url}/#/runs/{'0' * 32}", f"{mlflow.url}/#/runs/other"):
        with pytest.raises(LookupError, match="has no run"):
            remote.runs(ref, tmp_path)
    with pytest.raises(LookupError, match="has no experiment"):
        remote.runs(f"{mlflow.url}/#/experiments/99", tmp_path)
    with pytest.raises(RemoteError, match="Pick by: state"):
        remote.runs(mlflow.url, tmp_path, filters={"colour": "blue"})


def test_runs_are_picked_by_state_and_name(mlflow, remote, tmp_path):
    for filters, count in (
        ({"state": "running"}, 0), ({"state": "crashed"}, 1), ({"name": "tidy"}, 1),
        ({"name": "it's \"other\""}, 0), ({"project": "vision"}, 1), ({}, 1),
    ):  # fmt: skip
        mlflow.metrics = {"loss": [(START, 0, 1.0)]}
        found = remote.runs(mlflow.url, tmp_path, filters=filters)
        assert len(found) == count, filters


def test_a_login_is_sent_and_never_shown(mlflow, remote, tmp_path, monkeypatch):
    mlflow.log("loss", (0, 0, 0.5))
    url = mlflow.url.replace("http://", "http://me:hush@")
    (info,) = remote.runs(url, tmp_path)
    run = remote.fetch(info, tmp_path)
    assert set(mlflow.logins) == {"Basic " + base64.b64encode(b"me:hush").decode()}
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "hush")
    mlflow.logins.clear()
    MlflowServer().fetch(run, tmp_path)
    assert set(mlflow.logins) == {"Bearer hush"}
    mlflow.fault = 403
    with pytest.raises(RemoteError) as caught:
        remote.runs(url, tmp_path)
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert "hush" not in f"{caught.value} {info!r} {kept!r}"


def test_a_login_is_not_sent_to_another_server(mlflow, make_server, remote, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "hush")
    other = make_server()
    (info,) = remote.runs(mlflow.url, tmp_path)
    mlflow.fault = f"{other.url}/api/2.0/mlflow/runs/get?run_id={RUN}"
    remote.fetch(info, tmp_path)
    assert other.logins
    assert set(other.logins) == {None}


def test_a_server_in_the_environment_makes_bare_ids_references(
    mlflow, remote, tmp_path, monkeypatch
):
    assert not remote.claims(RUN)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"{mlflow.url}/")
    assert remote.claims(RUN)
    assert [info.id for info in remote.runs(RUN, tmp_path)] == [RUN]
    whole = from_environment({"MLFLOW_TRACKING_URI": mlflow.url})
    assert whole == f"{mlflow.url}/#/"
    assert [info.id for info in remote.runs(named(whole, "tidy"), tmp_path)] == [RUN]


@pytest.mark.parametrize(
    ("ref", "claimed"),
    [
        ("http://host:5000", True), ("https://host/", True), ("HTTP://host/#/experiments/1", True),
        ("https://host/a/b/#/experiments/1/runs/2", True), ("https://host/metrics.jsonl", False),
        ("https://host/logs/", False), ("s3://bucket", False), ("0ab1", False), ("", False),
        ("http://", False), ("http://[", False), ("http://host:port", False), (RUN, False),
        ("https://known/mlflow", False),
    ],
)  # fmt: skip
def test_references_are_claimed_by_their_shape(remote, monkeypatch, ref, claimed):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert remote.claims(ref) is claimed
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://known/mlflow")
    assert remote.claims("https://known/mlflow")
    assert not remote.claims("https://known/other")


WORDS = [
    "runs", "run", "info", "data", "metrics", "tags", "params", "key", "value", "step",
    "timestamp", "run_id", "experiments", "experiment_id", "status", "start_time",
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
trees = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6)
    ),
    max_leaves=20,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["runs", "run", "experiments", "metrics"]), trees))
def test_whatever_is_answered_is_a_run_or_an_error_with_a_remedy(mlflow, remote, tmp_path, tree):
    mlflow.answer = tree
    try:
        for info in remote.runs(mlflow.url, tmp_path):
            open_run(remote.fetch(info, tmp_path)).series()
        remote.runs(f"{mlflow.url}/#/runs/{RUN}", tmp_path)
    except (RemoteError, LookupError):
        pass


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://h/#/", "http://u:p@h:1/"]))
def test_any_text_is_claimed_or_not(text, begin):
    assert MlflowServer().claims(begin + text) in (True, False)
