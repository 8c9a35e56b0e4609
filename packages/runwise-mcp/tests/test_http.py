"""Over HTTP: the same tools, for clients on this machine or with a token, and for no web page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

import anyio
import pytest
from mcp import Client

PING = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {},
               "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


@pytest.fixture
def serve(tmp_path, write_run):
    """Start a server on a free port, and end it with the test."""
    write_run("exp1")
    begun = []

    def start(*words, **env):
        process = subprocess.Popen(
            [sys.executable, "-m", "runwise_mcp", "--http", "--port", "0", *words],
            cwd=tmp_path, env={**os.environ, **env}, stderr=subprocess.PIPE, text=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        begun.append(process)
        return re.search(r"http://\S+", process.stderr.readline())[0]

    yield start
    for process in begun:
        process.terminate()
        process.wait(20)
        process.stderr.close()


def status(url, **headers):
    request = urllib.request.Request(
        url, json.dumps(PING).encode(), {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream", **headers,
        },
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_are_there(serve, mode):
    url = serve()

    async def session():
        with anyio.fail_after(60):
            async with Client(url, mode=mode) as client:
                listed = await client.list_tools()
                return listed.tools, await client.call_tool("analyze_run", {})

    tools, result = anyio.run(session)
    assert len(tools) == 8
    assert result.content[0].text.startswith("exp1 unknown, step 49")


def test_web_pages_are_refused_by_host_and_origin(serve):
    url = serve()
    assert status(url) == 200
    assert status(url, Origin="http://localhost:3000") == 200
    for headers, code in (
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 421),
    ):
        assert status(url, **headers) == code, headers


def test_a_token_is_asked_for_where_one_was_set(serve):
    for url in (serve("--token", "s3cret"), serve(RUNWISE_MCP_TOKEN="s3cret")):
        assert status(url) == 401
        assert status(url, Authorization="Bearer wrong") == 401
        assert status(url, Authorization="s3cret") == 401
        assert status(url, Authorization="Bearer s3cret") == 200
        assert status(url, Authorization="Bearer s3cret", Host="evil.example") == 421


def test_names_can_be_allowed(serve):
    url = serve("--allowed-host", "box.example")
    assert status(url, Host="box.example") == 200
    assert status(url, Host="box.example:8931", Origin="https://box.example") == 200
    assert status(url, Host="other.example") == 421


def test_a_port_that_is_taken_is_said_in_a_line(serve, tmp_path):
    port = serve().rpartition(":")[2].partition("/")[0]
    done = subprocess.run(
        [sys.executable, "-m", "runwise_mcp", "--http", "--port", port],
        cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 1
    assert re.fullmatch(r"runwise-mcp: 127\.0\.0\.1:\d+: .*in use\n", done.stderr)
