"""Runs of a bucket at Google: the real client asks a small store made here."""

from __future__ import annotations

import json
import os
import threading
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from runwise_parsers import open_run
from runwise_parsers.remotes.paths import Paths

# Else the client asks over gRPC what kind of bucket it is; it decides that when it is imported.
os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
gcsfs = pytest.importorskip("gcsfs", reason="the extra [remote] is not installed")

pytestmark = pytest.mark.filterwarnings("default")  # the client's own

COUNT = 400_000


class Handler(BaseHTTPRequestHandler):
    """Lists objects, says what they are, and sends parts of them."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        parts, objects = urlsplit(self.path), self.server.objects
        words = {name: values[0] for name, values in parse_qs(parts.query).items()}
        _, _, name = parts.path.partition("/o/")
        name = unquote(name)
        if parts.path.endswith("/o"):
            self.send(200, json.dumps(self.listing(words.get("prefix", ""))).encode())
        elif name not in objects:
            self.send(404, b'{"error": {"code": 404, "message": "Not Found"}}')
        elif "alt" in words or "/download/" in parts.path:
            data, asked = objects[name], self.headers.get("Range")
            if asked:
                first, _, last = asked.partition("=")[2].partition("-")
                data = data[int(first) : int(last) + 1]
            self.server.sent += len(data)
            self.send(206 if asked else 200, data)
        else:
            self.send(200, json.dumps(self.told(name)).encode())

    def listing(self, prefix):
        names = [name for name in self.server.objects if name.startswith(prefix)]
        rests = {name: name[len(prefix) :] for name in names}
        return {
            "items": [self.told(name) for name, rest in rests.items() if "/" not in rest],
            "prefixes": sorted(
                {f"{prefix}{rest.partition('/')[0]}/" for rest in rests.values() if "/" in rest}
            ),
        }

    def told(self, name):
        data = self.server.objects[name]
        return {
            "name": name, "bucket": "exps", "size": str(len(data)), "generation": "1",
            "md5Hash": md5(data).hexdigest(), "updated": "2026-11-20T15:00:00.000Z",
            "timeCreated": "2026-11-20T15:00:00.000Z",
        }  # fmt: skip

    def send(self, status, data):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def store(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    server.objects, server.sent = {}, 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_address[1]}")
    gcsfs.GCSFileSystem.clear_instance_cache()
    fsspec_conf = pytest.importorskip("fsspec.config").conf
    monkeypatch.setitem(fsspec_conf, "gs", {"token": "anon"})
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def rows(count):
    return b"".join(
        b'{"step": %d, "loss": %f}\n' % (step, 1 / (1 + step)) for step in range(count)
    )


def test_runs_of_a_bucket_are_described_by_little_and_fetched_once(store, tmp_path):
    store.objects |= {"one/metrics.jsonl": rows(20), "team/big/metrics.jsonl": rows(COUNT)}
    remote = Paths()
    found = {info.id: info for info in remote.runs("gs://exps", tmp_path)}
    last = {name: info.last_step for name, info in found.items()}
    assert last == {"one": 19, "team/big": COUNT - 1}
    assert store.sent < len(store.objects["team/big/metrics.jsonl"]) / 10
    assert len(open_run(remote.fetch(found["team/big"], tmp_path)).series()["loss"]) == COUNT
    before = store.sent
    for info in remote.runs("gs://exps/", tmp_path):
        remote.fetch(info, tmp_path)
    assert store.sent == before
    with pytest.raises(LookupError, match="there is no gs://exps/none"):
        remote.runs("gs://exps/none", tmp_path)
