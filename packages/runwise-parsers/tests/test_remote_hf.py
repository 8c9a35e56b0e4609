"""Runs of a repository of the Hugging Face hub: the real client asks a small hub made here."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

from runwise_parsers import open_run
from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_files.ends import END
from runwise_parsers.remotes.paths import Paths

pytest.importorskip("fsspec", reason="the extra [remote] is not installed")
hub = pytest.importorskip("huggingface_hub", reason="the extra [remote] is not installed")

pytestmark = pytest.mark.filterwarnings("default")  # the client's own

COUNT = 400_000


class Handler(BaseHTTPRequestHandler):
    """Lists a tree, and sends parts of files."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        path, files = unquote(urlsplit(self.path).path), self.server.files
        if self.server.fault:
            self.send(self.server.fault, b"{}")
        elif "/tree/main" in path:
            found = self.tree(path.partition("/tree/main")[2].strip("/"))
            self.send(200 if found else 404, json.dumps(found).encode())
        elif "/resolve/main/" in path:
            data, asked = files[path.partition("/resolve/main/")[2]], self.headers.get("Range")
            if asked:
                first, _, last = asked.partition("=")[2].partition("-")
                data = data[int(first) : int(last) + 1]
            self.server.sent += len(data)
            self.send(206 if asked else 200, data)
        else:
            self.send(200, b'{"id": "me/logs", "sha": "abc", "private": false, "siblings": []}')

    def tree(self, above):
        begin = f"{above}/" if above else ""
        files = {name: data for name, data in self.server.files.items() if name.startswith(begin)}
        rests = {name: name[len(begin) :] for name in files}
        folders = {begin + rest.partition("/")[0] for rest in rests.values() if "/" in rest}
        return [
            {"type": "directory", "oid": "0", "size": 0, "path": name} for name in sorted(folders)
        ] + [
            {"type": "file", "oid": str(hash(data)), "size": len(data), "path": name}
            for name, data in files.items()
            if "/" not in rests[name]
        ]

    def send(self, status, data):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 404:
            self.send_header("X-Error-Code", "EntryNotFound")
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def served(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.files, server.sent, server.fault = {}, 0, 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    conf = pytest.importorskip("fsspec.config").conf
    url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setitem(conf, "hf", {"endpoint": url, "token": False})
    hub.HfFileSystem.clear_instance_cache()
    yield server
    hub.HfFileSystem.clear_instance_cache()
    server.shutdown()
    thread.join()
    server.server_close()


def rows(count):
    return b"".join(
        b'{"step": %d, "loss": %f}\n' % (step, 1 / (1 + step)) for step in range(count)
    )


def test_runs_of_a_repository_are_described_by_little_and_fetched_once(served, tmp_path):
    served.files |= {"one/metrics.jsonl": rows(20), "team/big/metrics.jsonl": rows(COUNT)}
    remote = Paths()
    found = {info.id: info for info in remote.runs("hf://datasets/me/logs", tmp_path)}
    last = {name: info.last_step for name, info in found.items()}
    assert last == {"one": 19, "team/big": COUNT - 1}
    assert served.sent < 3 * END
    assert len(open_run(remote.fetch(found["team/big"], tmp_path)).series()["loss"]) == COUNT
    before = served.sent
    for info in remote.runs("hf://datasets/me/logs/", tmp_path):
        remote.fetch(info, tmp_path)
    assert served.sent == before


def test_what_the_hub_does_not_have_or_give_is_said(served, tmp_path):
    served.files["one/metrics.jsonl"] = rows(20)
    with pytest.raises(LookupError, match="there is no hf://datasets/me/logs/none"):
        Paths().runs("hf://datasets/me/logs/none", tmp_path)
    served.fault = 403
    hub.HfFileSystem.clear_instance_cache()
    with pytest.raises(RemoteError, match="does not let us read") as caught:
        Paths().runs("hf://datasets/me/logs", tmp_path)
    assert "HF_TOKEN" in caught.value.remedy
