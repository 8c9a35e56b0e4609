"""The protocol's own checks, and its inspector, against the real server.

They need Node 22.19 or newer, and a directory with the packages in it that `RUNWISE_NODE` names:

    npm install --prefix DIR @modelcontextprotocol/conformance@0.1.16 \\
        conformance-next@npm:@modelcontextprotocol/conformance@0.2.0-alpha.12 \\
        @modelcontextprotocol/inspector@2.12.0
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.trackers
OLD, NEW = "@modelcontextprotocol/conformance", "conformance-next"
PASSES = {
    OLD: [
        "server-initialize", "ping", "tools-list", "resources-list", "prompts-list",
        "completion-complete", "resources-subscribe", "resources-unsubscribe",
        "server-sse-multiple-streams", "dns-rebinding-protection",
    ],
    NEW: [
        "tools-list", "caching", "http-header-validation", "sep-2164-resource-not-found",
        "dns-rebinding-protection", "input-required-result-unsupported-methods",
        "server-session-lifecycle", "resources-list", "prompts-list", "completion-complete",
    ],
}  # fmt: skip
"""Scenarios that apply; the others call tools, resources and prompts of given names."""
FAILS = {
    (OLD, "logging-set-level"): 1,  # logging is deprecated by 2026-07-28, and the SDK has none
    (NEW, "server-stateless"): 2,  # both want a tool called test_missing_capability
}
"""Checks that fail, and why."""
ASKED = [
    ["--method", "tools/list", "--strict"],
    ["--method", "tools/call", "--tool-name", "analyze_run", "--tool-arg", "run=nan"],
    ["--method", "resources/list"],
    ["--method", "resources/templates/list"],
    ["--method", "resources/read", "--uri", "runwise://runs/nan/summary"],
    ["--method", "prompts/get", "--prompt-name", "diagnose", "--prompt-args", "run=nan"],
]


@pytest.fixture(scope="module")
def node():
    """Run a package's program with Node; without them the test is passed over."""
    program, place = shutil.which("node"), Path(os.environ.get("RUNWISE_NODE", ""))
    if program is None:
        pytest.skip("node is not installed")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    if tuple(map(int, re.findall(r"\d+", said.stdout)[:2])) < (22, 19):
        pytest.skip(f"node is {said.stdout.strip()}, and 22.19 is needed")

    def run(path, *words, env=None):
        script = place / "node_modules" / path
        if not script.exists():
            pytest.skip(f"RUNWISE_NODE names no directory with {path} in it")
        return subprocess.run(
            [program, script, *map(str, words)], env=env, capture_output=True, text=True,
            check=False, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


@pytest.fixture(scope="module")
def url(demo_root, plain_environment):
    """The real server over HTTP, on the demo's runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "runwise_mcp", "--http", "--port", "0", "--root", demo_root],
        env=plain_environment(), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        yield re.search(r"http://\S+", server.stderr.readline())[0]
        server.terminate()


@pytest.fixture
def home(tmp_path):
    """An environment in which the tools find nobody's settings."""
    return {**os.environ, "HOME": str(tmp_path)}


@pytest.fixture
def inspected(node, url, demo_root, plain_environment, tmp_path):
    """Ask the server by the inspector, over stdio or HTTP."""

    def run(over, words):
        server = [sys.executable, "-m", "runwise_mcp", "--root", demo_root]
        place = [url, "--transport", "http"] if over == "http" else server
        env = {**plain_environment(), "HOME": str(tmp_path)}
        return node(".bin/mcp-inspector", "--cli", *place, *words, env=env)

    return run


SCENARIOS = [(package, name, 0) for package, names in PASSES.items() for name in names]
SCENARIOS += [(*key, failing) for key, failing in FAILS.items()]


@pytest.mark.parametrize("asked", SCENARIOS, ids=lambda asked: "-".join(map(str, asked[:2])))
def test_the_protocols_own_checks_pass(node, url, home, asked):
    package, scenario, failing = asked
    words = ("server", "--url", url, "--scenario", scenario)
    done = node(f"{package}/dist/index.js", *words, env=home)
    found = re.search(r"Passed: \d+/\d+, (\d+) failed", done.stdout + done.stderr)
    assert found, done.stdout + done.stderr
    assert int(found[1]) == failing, done.stdout


@pytest.mark.parametrize("words", ASKED, ids=lambda words: words[1])
@pytest.mark.parametrize("over", ["stdio", "http"])
def test_the_inspector_is_content(inspected, words, over):
    done = inspected(over, words)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("over", ["stdio", "http"])
def test_the_inspector_sees_an_error_where_there_is_one(inspected, over):
    words = ["--method", "tools/call", "--tool-name", "analyze_run", "--tool-arg", "run=nope"]
    done = inspected(over, words)
    assert done.returncode == 5
    assert "no run is called" in done.stdout + done.stderr
