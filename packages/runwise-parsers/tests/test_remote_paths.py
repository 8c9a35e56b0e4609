"""Runs of stores that fsspec reaches, from a web server made here that counts what it sends."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import struct
import threading
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_files.ends import END
from runwise_parsers.remote_files.place import place_of
from runwise_parsers.remotes.paths import Paths

pytest.importorskip("fsspec", reason="the extra [remote] is not installed")
pytest.importorskip("aiohttp", reason="the extra [remote] is not installed")

RUNS = Path(__file__).parent / "runs"
LARGE = 9 << 20


@dataclass
class Web:
    """A web server over a directory: what it has sent, and how it behaves."""

    root: Path
    url: str = ""
    sent: int = 0
    asked: list[str] = field(default_factory=list)
    ranges: bool = True
    lists: bool = True
    tags: bool = True
    fault: object = 0
    meanwhile: object = None
    over: threading.Event = field(default_factory=threading.Event)

    def count(self, work):
        """Return what some work gives, and the bytes that were sent for it."""
        before, self.asked[:] = self.sent, []
        return work(), self.sent - before


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.answer(head=True)

    def do_GET(self):
        self.answer(head=False)

    def answer(self, head):
        web = self.server.web
        if isinstance(web.fault, int) and web.fault:
            return self.send(web.fault, b"no", head)
        if web.fault == "hang":
            web.over.wait(20)
            self.close_connection = True
            return None
        path = web.root / unquote(self.path.partition("?")[0]).lstrip("/")
        if path.is_dir():
            names = [one.name + "/" * one.is_dir() for one in sorted(path.iterdir())]
            links = "".join(f'<a href="{quote(name)}">{name}</a>' for name in ["../", *names])
            page = f'<a href="?C=N;O=D">Name</a>{links}'
            return self.send(200, page.encode() if web.lists else b"hello", head, "text/html")
        if not path.exists():
            return self.send(404, b"no", head)
        return self.file(path, head)

    def file(self, path, head):
        web = self.server.web
        data = path.read_bytes()
        given = {"Accept-Ranges": "bytes"} if web.ranges else {}
        if web.tags:
            given["ETag"] = f'"{sha1(data).hexdigest()}"'
        asked = self.headers.get("Range")
        status = 200
        if asked and web.ranges:
            first, _, last = asked.partition("=")[2].partition("-")
            stop = min(len(data), int(last) + 1)
            given["Content-Range"] = f"bytes {first}-{stop - 1}/{len(data)}"
            data, status = data[int(first) : stop], 206
        web.asked.append(f"{self.command} {self.path} {asked or ''}".strip())
        self.send(status, data, head, "application/octet-stream", given)
        if web.meanwhile and not head:
            web.meanwhile()

    def send(self, status, data, head, kind="text/plain", more=None):
        web = self.server.web
        length = len(data) + (10 if web.fault == "half" and not head else 0)
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": length,
            **(more or {}),
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        if head:
            return
        if web.fault == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
            return
        web.sent += len(data)
        self.close_connection = web.fault == "half"
        try:
            self.wfile.write(data)
        except OSError:  # whoever asked has had enough
            self.close_connection = True


@pytest.fixture
def web(tmp_path):
    root = tmp_path / "web"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.web = Web(root, f"http://127.0.0.1:{server.server_address[1]}")
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.web
    server.web.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def keep(tmp_path):
    return tmp_path / "keep"


def rows(count, first=0, **more):
    return b"".join(
        json.dumps({"step": step, "loss": 1 / (1 + step), "note": "x" * 20, **more}).encode()
        + b"\n"
        for step in range(first, first + count)
    )


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def curves(run):
    return {name: list(zip(one.steps, map(repr, one.values), strict=True))
            for name, one in run.series().items()}  # fmt: skip


def test_a_tree_of_runs_reads_as_the_same_tree_does_here(web, keep):
    for name in ("csv", "mlflow", "wandb"):
        shutil.copytree(RUNS / name, web.root / name)
    put(web.root / "hand made" / "métrics (1).jsonl", rows(50))
    local = {(info.source, info.id): info for info in find_runs(web.root)}
    remote = Paths(timeout=120.0)
    found = remote.runs(f"{web.url}/", keep)
    assert sorted((info.source, info.id) for info in found) == sorted(local)
    assert len(local) > 3
    for info in found:
        here = open_run(local[info.source, info.id])
        (alone,) = remote.runs(remote.name_of(info), keep)
        assert (alone.source, alone.segments) == (info.source, info.segments)
        there = open_run(remote.fetch(info, keep))
        assert there.info.id == info.id
        assert curves(there) == curves(here), info.id
        assert repr(there.config()) == repr(here.config())


def test_a_second_look_sends_listings_and_no_file(web, keep):
    put(web.root / "a" / "metrics.jsonl", rows(100))
    put(web.root / "b" / "metrics.jsonl", rows(LARGE // 60))
    remote = Paths(timeout=120.0)
    first = remote.runs(f"{web.url}/", keep)
    again, sent = web.count(lambda: remote.runs(f"{web.url}/", keep))
    assert [info.id for info in again] == [info.id for info in first]
    assert sent < 2000
    assert not [line for line in web.asked if line.startswith("GET")]
    fetched = [remote.fetch(info, keep) for info in again]
    others, sent = web.count(lambda: [remote.fetch(info, keep) for info in again])
    assert others == fetched
    assert sent == 0


def test_a_large_log_is_described_by_its_ends(web, keep):
    path = put(web.root / "big" / "metrics.jsonl", rows(LARGE // 55))
    assert path.stat().st_size > LARGE
    (info,), sent = web.count(lambda: Paths(timeout=120.0).runs(f"{web.url}/", keep))
    assert sent < 3 * END
    assert (info.id, info.last_step) == ("big", LARGE // 55 - 1)
    assert not info.path.exists(), "a file that is not whole must not be where it can be opened"


def test_a_large_log_is_fetched_whole_and_its_growth_alone_after_that(web, keep):
    count = LARGE // 55
    path = put(web.root / "big" / "metrics.jsonl", rows(count))
    remote, told = Paths(timeout=120.0), []
    (info,) = remote.runs(f"{web.url}/big/metrics.jsonl", keep)
    size = path.stat().st_size
    run = remote.fetch(info, keep, tell=lambda done, total: told.append((done, total)))
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert curves(open_run(run)) == curves(open_run(path))
    with path.open("ab") as file:
        file.write(rows(1000, count))
    (info,) = remote.runs(f"{web.url}/big/metrics.jsonl", keep)
    assert info.last_step == count + 999
    again, sent = web.count(lambda: remote.fetch(info, keep))
    assert sent < path.stat().st_size - size + 4096
    assert curves(open_run(again)) == curves(open_run(path))


@pytest.mark.parametrize("tags", [True, False])
@pytest.mark.parametrize("count", [200, 3000, 20])
def test_a_log_that_was_replaced_is_fetched_anew(web, keep, count, tags):
    web.tags = tags
    path = put(web.root / "run" / "metrics.jsonl", rows(2000))
    remote = Paths(timeout=120.0)
    remote.fetch(*remote.runs(f"{web.url}/", keep), keep)
    put(path, rows(count, 7, other=3))
    (info,) = remote.runs(f"{web.url}/", keep)
    assert curves(open_run(remote.fetch(info, keep))) == curves(open_run(path))


def test_a_log_whose_middle_alone_was_changed_is_fetched_anew(web, keep):
    path = put(web.root / "run" / "metrics.jsonl", rows(4000))
    remote = Paths(timeout=120.0)
    remote.fetch(*remote.runs(f"{web.url}/", keep), keep)
    data = path.read_bytes()
    put(path, data.replace(b'"step": 2000, "loss": 0.0004', b'"step": 2000, "loss": 9.0004'))
    assert path.stat().st_size == len(data)
    (info,) = remote.runs(f"{web.url}/", keep)
    assert curves(open_run(remote.fetch(info, keep))) == curves(open_run(path))


def test_what_is_only_in_the_log_of_a_data_base_is_fetched_with_it(web, keep, tmp_path):
    base = put(tmp_path / "mlflow.db", (RUNS / "mlflow/database/mlflow.db").read_bytes())
    remote, url = Paths(timeout=120.0), f"{web.url}/mlflow.db"
    shutil.copy(base, web.root)
    run = next(info for info in remote.runs(url, keep) if info.name == "failed")
    before = open_run(remote.fetch(run, keep)).series()["loss"]
    with closing(sqlite3.connect(base, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) "
            "VALUES ('loss', 0.125, 1800000000000, ?, 99, 0)",
            (run.id,),
        )
        for name in ("mlflow.db", "mlflow.db-wal"):
            shutil.copy(tmp_path / name, web.root)
    (again,) = remote.runs(f"{url}/{run.id}", keep)
    now = open_run(remote.fetch(again, keep)).series()["loss"]
    assert now.steps.tolist() == [*before.steps, 99.0]


def test_a_run_that_is_gone_there_is_gone_here(web, keep):
    put(web.root / "a" / "metrics.jsonl", rows(10))
    put(web.root / "b" / "metrics.jsonl", rows(10))
    remote = Paths(timeout=120.0)
    assert len(remote.runs(f"{web.url}/", keep)) == 2
    shutil.rmtree(web.root / "a")
    assert [info.id for info in remote.runs(f"{web.url}/", keep)] == ["b"]


def test_a_counted_step_is_not_told_of_a_log_of_which_the_ends_are_known(web, keep):
    put(
        web.root / "big" / "metrics.csv",
        b"loss,accuracy\n" + b"0.25000000,0.5000000000\n" * 400_000,
    )
    remote = Paths(timeout=120.0)
    (info,) = remote.runs(f"{web.url}/", keep)
    assert info.last_step is None
    assert info.updated is None
    assert len(open_run(remote.fetch(info, keep)).series()["loss"]) == 400_000


def test_weights_are_not_asked_for(web, keep):
    put(web.root / "run" / "metrics.jsonl", rows(10))
    put(web.root / "run" / "checkpoint-1" / "model.safetensors", b"x" * 100)
    put(web.root / "run" / "last.pt", b"x" * 100)
    put(web.root / "src" / "data" / "table.json", b"x" * 100)
    _, _ = web.count(lambda: Paths(timeout=120.0).runs(f"{web.url}/", keep))
    assert {line.split()[1] for line in web.asked} == {"/run/metrics.jsonl"}


def test_a_server_without_ranges_sends_a_large_log_once(web, keep):
    web.ranges = False
    path = put(web.root / "big" / "metrics.jsonl", rows(LARGE // 55))
    remote = Paths(timeout=120.0)
    (info,) = remote.runs(f"{web.url}/big/metrics.jsonl", keep)
    assert info.last_step is None
    assert curves(open_run(remote.fetch(info, keep))) == curves(open_run(path))
    _, sent = web.count(lambda: remote.fetch(info, keep))
    assert sent == 0


def test_a_server_that_lists_nothing_says_to_name_the_file(web, keep):
    web.lists = False
    put(web.root / "run" / "metrics.jsonl", rows(10))
    with pytest.raises(RemoteError, match="Name the file"):
        Paths(timeout=120.0).runs(f"{web.url}/run/", keep)
    (info,) = Paths(timeout=120.0).runs(f"{web.url}/run/metrics.jsonl", keep)
    assert info.last_step == 9


def test_a_fetch_that_broke_off_goes_on_where_it_stopped(web, keep):
    path = put(web.root / "big" / "metrics.jsonl", rows(3 * LARGE // 55))
    remote = Paths(timeout=120.0)
    (info,) = remote.runs(f"{web.url}/big/metrics.jsonl", keep)

    def stop(*_):
        web.fault = 503

    with pytest.raises(RemoteError, match="not available"):
        remote.fetch(info, keep, tell=stop)
    assert not info.path.exists()
    web.fault = 0
    run, sent = web.count(lambda: remote.fetch(info, keep))
    assert sent < path.stat().st_size - (8 << 20) + 4096
    assert curves(open_run(run)) == curves(open_run(path))


def test_a_log_that_changes_while_it_is_fetched_is_read_as_it_is_in_the_end(web, keep):
    path = put(web.root / "big" / "metrics.jsonl", rows(2 * LARGE // 55))
    remote = Paths(timeout=120.0)
    (info,) = remote.runs(f"{web.url}/big/metrics.jsonl", keep)
    once = iter([lambda: put(path, rows(2 * LARGE // 55, 3, other=1))])

    def change():
        next(once, lambda: None)()

    web.meanwhile = change
    assert curves(open_run(remote.fetch(info, keep))) == curves(open_run(path))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (401, "wants a login for"), (403, "does not let us read"), (429, "no more questions"),
        (500, "failed"), (503, "not available"), ("hang", "did not answer within 0.5 s"),
        ("reset", "broke off|nothing answers"), ("half", "broke off"),
    ],
)  # fmt: skip
def test_a_fault_of_a_server_is_said_with_what_to_do(web, keep, fault, said):
    put(web.root / "run" / "metrics.jsonl", rows(10))
    web.fault = fault
    with pytest.raises(RemoteError, match=said) as caught:
        Paths(timeout=0.5).runs(f"{web.url}/run/metrics.jsonl", keep)
    assert caught.value.remedy
    assert not list(keep.rglob("*.jsonl"))


def test_what_is_not_there_is_said(web, keep):
    with pytest.raises(LookupError, match="there is no"):
        Paths(timeout=120.0).runs(f"{web.url}/run/metrics.jsonl", keep)
    put(web.root / "notes.txt", b"hello\n")
    with pytest.raises(LookupError, match="no run"):
        Paths(timeout=120.0).runs(f"{web.url}/notes.txt", keep)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_to_is_said(web, keep):
    put(web.root / "run" / "metrics.jsonl", rows(10))
    keep.mkdir(mode=0o500)
    with pytest.raises(RemoteError, match="cannot be kept: permission denied"):
        Paths(timeout=120.0).runs(f"{web.url}/run/metrics.jsonl", keep)


def test_a_cache_that_is_a_file_is_said(web, keep):
    put(web.root / "run" / "metrics.jsonl", rows(10))
    keep.write_bytes(b"")
    with pytest.raises(RemoteError, match=r"cannot be kept: (?:not a directory|file exists)"):
        Paths(timeout=120.0).runs(f"{web.url}/run/metrics.jsonl", keep)


def test_nothing_that_listens_is_said(keep):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/metrics.jsonl"
        with pytest.raises(RemoteError, match="nothing answers"):
            Paths(timeout=120.0).runs(url, keep)


def test_secrets_in_a_url_are_used_and_not_shown(web, keep):
    put(web.root / "run" / "metrics.jsonl", rows(10))
    url = web.url.replace("http://", "http://me:hush@") + "/run/metrics.jsonl?X-Signature=hush"
    (info,) = Paths(timeout=120.0).runs(url, keep)
    assert info.last_step == 9
    assert "hush" not in repr(info)
    assert not [path for path in keep.rglob("*") if "hush" in path.name]
    for fault in (403, 500, "half"):
        web.fault = fault
        with pytest.raises((RemoteError, LookupError)) as caught:
            Paths(timeout=120.0).runs(url.replace("metrics", "m"), keep)
        assert "hush" not in str(caught.value)
    kept = [path for path in keep.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"hush" in path.read_bytes()]


@pytest.mark.parametrize(
    ("ref", "claimed"),
    [
        ("s3://bucket/exps", True), ("gs://bucket", True), ("hf://datasets/me/logs", True),
        ("https://host/a/metrics.jsonl", True), ("S3://bucket/x", True), ("exps/run1", False),
        ("entity/project/id", False), ("file:///etc", False), ("http://", False),
        ("https://[", False), ("https://host/a/../../b", False), ("", False),
    ],
)  # fmt: skip
def test_references_are_claimed_by_their_shape(ref, claimed):
    assert Paths(timeout=120.0).claims(ref) is claimed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_lead_out_of_a_tree_are_passed_over(web, keep, tmp_path):
    put(web.root / "run" / "metrics.jsonl", rows(10))
    put(web.root / "run" / "..%2F..%2Fescaped.jsonl", rows(10))
    Paths(timeout=120.0).runs(f"{web.url}/", keep)
    assert not list(tmp_path.rglob("escaped.jsonl"))


def test_a_store_that_nothing_here_reads_says_what_to_install(keep):
    try:
        import gcsfs  # noqa: F401
    except ImportError:
        with pytest.raises(RemoteError, match="pip install fsspec gcsfs"):
            Paths(timeout=120.0).runs("gs://bucket/run", keep)
    else:
        pytest.skip("gcsfs is installed")


def test_a_memory_of_objects_reads_like_files(keep):
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    store.pipe_file("/bucket/exps/one/metrics.jsonl", rows(30))
    store.pipe_file("/bucket/exps/two/log.csv", b"step,loss\n0,1.5\n1,1.25\n")
    remote = Paths(timeout=120.0)
    found = {info.id: info for info in remote.runs("memory://bucket/exps", keep)}
    assert sorted(found) == ["one", "two"]
    assert open_run(remote.fetch(found["two"], keep)).series()["loss"].values.tolist() == [
        1.5,
        1.25,
    ]
    store.pipe_file("/bucket/exps/two/log.csv", b"step,loss\n0,1.5\n1,1.25\n2,1.0\n")
    (again,) = [one for one in remote.runs("memory://bucket/exps", keep) if one.id == "two"]
    assert again.last_step == 2
    store.rm("/bucket", recursive=True)


@given(
    st.text(max_size=40),
    st.sampled_from(["", "s3://", "http://h/", "hf://", "memory://", "gs://"]),
)
def test_any_text_is_claimed_or_not_and_stays_in_its_tree(text, begin):
    claimed = Paths(timeout=120.0).claims(begin + text)
    assert claimed in (True, False)
    place = place_of(begin + text)
    assert claimed is (place is not None)
    if place is not None:
        tree = Path("/keep/tree")
        assert Path(os.path.normpath(place.local(tree))).is_relative_to(tree)
