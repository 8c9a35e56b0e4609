"""W&B's cloud without its client: how runs are named, what failures mean, what is asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_shelf import install_command, is_installed, known_remotes, remote_for
from runwise_parsers.wandb_cloud.address import Address, address_of
from runwise_parsers.wandb_cloud.asking import as_query
from runwise_parsers.wandb_cloud.describe import described, ending
from runwise_parsers.wandb_cloud.failures import explained, is_absence

RUN = Address("team", "bert", "3k9x")
PROJECT = Address("team", "bert")


@pytest.mark.parametrize(
    ("ref", "address"),
    [
        ("team/bert/3k9x", RUN),
        ("team/bert", PROJECT),
        ("team/my project-1.5/3k9x", Address("team", "my project-1.5", "3k9x")),
        ("https://wandb.ai/team/bert/runs/3k9x", RUN),
        ("https://wandb.ai/team/bert/runs/3k9x/logs?nw=nwuser", RUN),
        ("https://wandb.ai/team/bert/runs/3k9x/", RUN),
        ("https://wandb.ai/team/bert/workspace?nw=1", PROJECT),
        ("https://wandb.ai/team/my%20bert", Address("team", "my bert")),
        ("https://acme.wandb.ai/team/bert/table", PROJECT),
        ("https://forge.coreweave.com/wandb/team/bert/runs/3k9x", RUN),
        ("https://wandb.ai/team", None),
        ("https://wandb.ai/team/bert/artifacts/model/x", None),
        ("https://example.com/team/bert/runs/3k9x", None),
        ("https://notwandb.ai/team/bert", None),
        ("http://[bad/team/bert", None),
        ("s3://team/bert/3k9x", None),
        ("/abs/team/bert", None),
        ("./team/bert", None),
        ("../team/bert", None),
        ("~/team/bert", None),
        ("team//bert", None),
        ("team/bert/", None),
        ("one/two/three/four", None),
        ("C:\\runs\\a", None),
        ("runs/*.jsonl", None),
        ("name", None),
        ("", None),
    ],
)
def test_references_are_told_from_paths_by_their_shape(ref, address):
    assert address_of(ref, {}) == address


def test_a_server_of_ones_own_may_have_any_address():
    env = {"WANDB_BASE_URL": "http://127.0.0.1:8080"}
    assert address_of("http://127.0.0.1:8080/team/bert/runs/3k9x", env) == RUN
    assert address_of("http://127.0.0.1:8080/#/experiments/1", env) is None


@given(ref=st.text(max_size=60))
def test_any_text_is_an_address_or_none(ref):
    for env in ({}, {"WANDB_BASE_URL": "http://x"}):
        for text in (ref, f"https://wandb.ai/{ref}", f"a/{ref}"):
            found = address_of(text, env)
            assert found is None or all(
                part not in ("", ".", "..") for part in (found.entity, found.project)
            )


class FailedError(Exception):
    """An error as the client raises it: by its text."""


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("No API key configured. Use `wandb login` to log in.", "no API key", "wandb login"),
        ("API key must have 40+ characters, has 5.", "no API key of W&B", "wandb login"),
        ("returned error 401: {}", "does not accept", "wandb login"),
        ("returned error 403: {}", "does not let", "Ask its owner"),
        ("input: permission denied\n", "does not let this key read team/bert", "Ask its owner"),
        ("returned error 404: {}", "nothing there", "WANDB_BASE_URL"),
        ("giving up after 4 attempt(s)\nwhile retrying: HTTP 429: {}", "fewer questions", "Wait"),
        ("giving up after 4 attempt(s)\nwhile retrying: HTTP 503: {}", "(HTTP 503)", "Try again"),
        ("Client.Timeout exceeded while awaiting headers", "within 20 s", "WANDB_HTTP_TIMEOUT=60"),
        ("dial tcp 127.0.0.1:9: connect: connection refused", "nobody answers", "network"),
        ("dial tcp: lookup nowhere: no such host", "not known here", "network"),
        ("read: connection reset by peer", "broke off", "Ask again"),
        ("x509: certificate signed by unknown authority", "certificate", "network"),
        ("unexpected EOF", "ends in the middle", "Ask again"),
        ("invalid character '<' looking for beginning of value", "not as W&B does", "proxy"),
        ("module 'wandb' has no attribute 'termsetup'", "not one we know", "--upgrade"),
        ("what nobody thought of", "what nobody thought of", "wandb.Api()"),
        ("", "Failed", "wandb.Api()"),
    ],
)
def test_what_the_client_raises_is_said_in_words(monkeypatch, text, problem, remedy):
    monkeypatch.delenv("WANDB_HTTP_TIMEOUT", raising=False)
    found = explained(FailedError(text), "team/bert")
    assert problem in found.problem
    assert remedy in found.remedy


def test_what_an_error_wraps_is_read_too():
    inner = FailedError("no words")
    inner.response = SimpleNamespace(http_status=401, __str__=str)
    inner.response = 'message: "hm"\nhttp_status: 401'
    outer = FailedError("Failed to verify credentials")
    outer.__cause__ = inner
    assert "does not accept the API key" in explained(outer, "x").problem
    assert is_absence(FailedError("Could not find run <Run team/bert/x (not found)>"))
    assert not is_absence(outer)


@given(text=st.text(max_size=200))
def test_any_text_of_an_error_is_explained(text):
    found = explained(FailedError(text), "team/bert")
    assert found.problem
    assert found.remedy


def test_filters_are_one_query():
    assert as_query({}) == {}
    assert as_query({"state": "failed"}) == {"state": "failed"}
    assert as_query({"group": "g", "mongo": {"x": {"$gt": 1}}}) == {
        "$and": [{"group": "g"}, {"x": {"$gt": 1}}]
    }
    for unknown in ({"mongo": "text"}, {"colour": "red"}):
        with pytest.raises(RemoteError, match="W&B has no filter"):
            as_query(unknown)


def test_what_a_server_leaves_out_or_spoils_is_left_out():
    odd = {"state": None, "tags": None, "createdAt": "soon", "historyKeys": [], "notes": 7,
           "summaryMetrics": "x", "config": None, "historyLineCount": "many"}  # fmt: skip
    run = SimpleNamespace(id="a", entity="e", project="p", _attrs=odd)
    info = described(run, Path("x"), {"args": "no list", "git": 7, "host": None})
    assert (info.state, info.tags, info.created, info.last_step) == ("unknown", (), None, None)
    assert (info.notes, info.command, info.host, info.commit) == ("", "", "", "")
    assert ending(odd)["_step"] == 0


def test_the_shelf_knows_the_cloud_and_imports_no_client():
    code = (
        "import sys; from runwise_parsers.remote_shelf import known_remotes;"
        "names = [one.name for one in known_remotes()]; assert 'wandb-cloud' in names;"
        "sys.exit('wandb' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert remote_for("team/bert/3k9x") in known_remotes()


def test_without_the_client_an_error_names_the_command_that_brings_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "wandb", None)
    assert not is_installed("wandb")
    with pytest.raises(RemoteError) as caught:
        remote_for("team/bert").runs("team/bert", tmp_path)
    assert caught.value.remedy == f"Run: {install_command('wandb')}"


def test_a_client_that_is_broken_is_an_error_with_a_remedy(monkeypatch, tmp_path):
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb" / "__init__.py").write_text("from nowhere_at_all import anything\n")
    for name in [one for one in sys.modules if one.partition(".")[0] == "wandb"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    with pytest.raises(RemoteError, match="not one we know"):
        remote_for("team/bert").runs("team/bert", tmp_path)


def test_where_nobody_has_logged_in_the_client_is_not_even_imported(monkeypatch, tmp_path):
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb" / "__init__.py").write_text("raise AssertionError('imported')\n")
    for name in [one for one in sys.modules if one.partition(".")[0] == "wandb"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE", "NETRC", "WANDB_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RemoteError, match="no API key"):
        remote_for("team/bert").runs("team/bert", tmp_path)
