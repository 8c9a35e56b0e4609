"""Runs of a bucket, from moto's server: the real client speaks to it over HTTP."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest

from runwise_parsers import open_run
from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_files.ends import END
from runwise_parsers.remotes.paths import Paths

s3fs = pytest.importorskip("s3fs", reason="the extra [remote] is not installed")
moto = pytest.importorskip("moto.server", reason="moto[server] is not installed")

pytestmark = pytest.mark.filterwarnings("default")  # the clients' own

COUNT = 160_000


class Counted:
    """The server's application, and what it was asked for and sent."""

    def __init__(self, app):
        self.app = app
        self.sent = 0
        self.gets: list[str] = []

    def __call__(self, environ, start):
        body = b"".join(self.app(environ, start))
        if environ["REQUEST_METHOD"] == "GET":
            self.sent += len(body)
            self.gets.append(environ["PATH_INFO"])
        return [body]


@pytest.fixture
def bucket(monkeypatch):
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    urlopen(f"http://{host}:{port}/moto-api/reset", data=b"").close()
    import boto3

    client = boto3.client("s3")
    client.create_bucket(Bucket="exps")
    s3fs.S3FileSystem.clear_instance_cache()  # it knows the settings of the test before
    counted = Counted(server._server.app)
    server._server.app = counted
    yield client, counted
    server._server.app = counted.app
    client.close()
    server.stop()


def rows(count, first=0):
    return b"".join(
        json.dumps({"step": step, "loss": 1 / (1 + step), "note": "x" * 20}).encode() + b"\n"
        for step in range(first, first + count)
    )


def test_runs_of_a_bucket_are_described_by_little_and_fetched_once(bucket, tmp_path):
    client, counted = bucket
    large = rows(COUNT)
    client.put_object(Bucket="exps", Key="one/metrics.jsonl", Body=rows(20))
    client.put_object(Bucket="exps", Key="one/last.pt", Body=b"weights")
    client.put_object(Bucket="exps", Key="team/big/metrics.jsonl", Body=large)
    remote = Paths()
    found = {info.id: info for info in remote.runs("s3://exps", tmp_path)}
    assert {name: info.last_step for name, info in found.items()} == {
        "one": 19, "team/big": COUNT - 1,
    }  # fmt: skip
    assert counted.sent < 4 * END < len(large)
    assert "/exps/one/last.pt" not in counted.gets
    run = open_run(remote.fetch(found["team/big"], tmp_path))
    assert len(run.series()["loss"]) == COUNT
    client.put_object(Bucket="exps", Key="team/big/metrics.jsonl", Body=large + rows(100, COUNT))
    (again,) = remote.runs("s3://exps/team", tmp_path)
    before = counted.sent
    run = open_run(remote.fetch(again, tmp_path))
    assert run.series()["loss"].steps.tolist() == list(range(COUNT + 100))
    assert counted.sent - before < 100_000


def test_an_object_called_like_a_directory_is_in_nobodys_way(bucket, tmp_path):
    client, _ = bucket
    for key in ("one", "one/metrics.jsonl", "one/metrics.jsonl/more.csv", "two.jsonl/a.jsonl"):
        client.put_object(Bucket="exps", Key=key, Body=rows(20))
    found = Paths().runs("s3://exps", tmp_path)
    assert sorted(info.path.name for info in found) == ["a.jsonl"]


def test_a_file_of_a_bucket_is_a_run_by_itself(bucket, tmp_path):
    client, _ = bucket
    client.put_object(Bucket="exps", Key="a b/log #1.csv", Body=b"step,loss\n0,1.5\n1,1.25\n")
    remote = Paths()
    (info,) = remote.runs("s3://exps/a b/log #1.csv", tmp_path)
    assert open_run(remote.fetch(info, tmp_path)).series()["loss"].values.tolist() == [1.5, 1.25]


def test_what_a_bucket_does_not_have_or_give_is_said(bucket, tmp_path, monkeypatch):
    with pytest.raises(LookupError, match="there is no s3://exps/none"):
        Paths().runs("s3://exps/none", tmp_path)
    with pytest.raises(LookupError, match="there is no s3://nowhere"):
        Paths().runs("s3://nowhere/x/", tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(RemoteError, match="nothing answers"):
        Paths(timeout=0.5).runs("s3://exps/none", tmp_path)


def test_a_bucket_without_a_login_says_which_settings_hold_one(bucket, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with pytest.raises(RemoteError, match="no login is known") as caught:
        Paths().runs("s3://exps/none", tmp_path)
    assert "AWS_PROFILE" in caught.value.remedy
