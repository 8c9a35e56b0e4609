"""The TypeScript SDK's client, in both eras of the protocol: every tool, resource and prompt.

It needs Node, and a directory with the package in it that `RUNWISE_NODE` names:

    npm install --prefix DIR @modelcontextprotocol/client@2.4.0
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.trackers
SCRIPT = """
import { createRequire } from "node:module";
const [place, mode, python, root] = process.argv.slice(2);
const need = createRequire(place + "/script.js");
const { Client } = need("@modelcontextprotocol/client");
const { StdioClientTransport } = need("@modelcontextprotocol/client/stdio");
const negotiated = mode === "auto" ? { versionNegotiation: { mode: "auto" } } : {};
const client = new Client({ name: "test", version: "1" }, negotiated);
const transport = new StdioClientTransport({
  command: python, args: ["-m", "runwise_mcp", "--root", root], env: process.env,
});
await client.connect(transport);
const given = { find_best_run: { metric: "train/loss" }, compare_runs: { runs: "nan,healthy" } };
const { tools } = await client.listTools();
const told = {};
for (const tool of tools)
  told[tool.name] = await client.callTool({ name: tool.name, arguments: given[tool.name] ?? {} });
const { resources } = await client.listResources();
const { resourceTemplates } = await client.listResourceTemplates();
const read = [];
for (const one of resources) {
  const found = await client.readResource({ uri: one.uri });
  read.push(found.contents[0].text);
}
const { prompts } = await client.listPrompts();
const asked = [];
for (const one of prompts) {
  const found = await client.getPrompt({ name: one.name, arguments: {} });
  asked.push(found.messages[0].content.text);
}
const wrong = await client.callTool({ name: "list_runs", arguments: { limmit: 1 } });
console.log(JSON.stringify({ told, templates: resourceTemplates.length, read, asked, wrong }));
await client.close();
"""


@pytest.fixture
def node():
    """Node and the directory of its packages; without them the test is passed over."""
    program, place = shutil.which("node"), os.environ.get("RUNWISE_NODE", "")
    if program is None:
        pytest.skip("node is not installed")
    if not (Path(place) / "node_modules" / "@modelcontextprotocol" / "client").is_dir():
        pytest.skip("RUNWISE_NODE names no directory with @modelcontextprotocol/client in it")
    return program, Path(place).resolve()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_it_lists_and_calls_everything(node, mode, tmp_path, demo_root, plain_environment):
    program, place = node
    script = tmp_path / "client.mjs"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [program, script, place, mode, sys.executable, demo_root],
        env=plain_environment(), capture_output=True, text=True, check=False, timeout=120,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["told"]) == 8
    for name, result in found["told"].items():
        assert not result.get("isError"), (name, result)
        assert "structuredContent" not in result
        (content,) = result["content"]
        assert content["text"].count("\n") >= 1
    assert found["templates"] == 3
    assert len(found["read"]) == 5
    assert all(found["read"])
    assert len(found["asked"]) == 3
    assert found["wrong"]["isError"] is True
    assert "did you mean 'limit'?" in found["wrong"]["content"][0]["text"]
