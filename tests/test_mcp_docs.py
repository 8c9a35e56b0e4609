"""docs/mcp.md: each tool and parameter of runwise 0.5 has a successor, and all it shows works."""

from __future__ import annotations

import json
import re
import shutil

import anyio
import pytest
from mcp import Client

from runwise_mcp.server import make_server

PREDECESSOR = {
    "health_check": {"run_id"},
    "list_runs": {"limit"},
    "list_keys": {"run_id"},
    "analyze_run": {"run_id", "keys"},
    "analyze_latest": {"keys"},
    "compare_runs": {"run_a", "run_b", "filter", "threshold", "show_config_diff"},
    "live_status": set(),
    "get_history": {"run_id", "keys", "samples"},
    "get_history_stats": {"run_id", "keys"},
    "get_sparkline": {"run_id", "keys", "samples"},
    "get_config": {"run_id"},
    "get_run_context": {"run_id"},
    "find_best_run": {"metric", "limit", "higher_is_better"},
    "detect_anomalies": {"run_id", "loss_key"},
    "analyze_local_log": {"file"},
}
"""The tools of runwise 0.5.2 with their parameters."""
CLIENTS = (
    "Claude Code", "Codex", "Gemini CLI", "VS Code", "Cursor", "Copilot CLI", "opencode",
    "Claude Desktop",
)  # fmt: skip


@pytest.fixture(scope="module")
def page(house):
    return (house / "docs" / "mcp.md").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path, demo_root):
    shutil.copytree(demo_root, tmp_path, dirs_exist_ok=True)
    (tmp_path / "logs").mkdir()
    rows = ({"step": step, "loss": 1 / (step + 1)} for step in range(50))
    (tmp_path / "logs" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def rows_of(page, head):
    """Return the cells of the table that begins with ``head``, a row each."""
    table = page.partition(head)[2].partition("\n\n")[0]
    lines = table.strip().split("\n")[1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_tool_and_parameter_of_old_has_a_successor_that_works(page, project):
    mapped = {name: set() for name in PREDECESSOR}
    calls = []
    for tool, parameters, now in rows_of(page, "| 0.5 | parameter | now |"):
        mapped[tool.strip("`")] |= set(re.findall(r"`(\w+)`", parameters))
        name, *given = now.strip("`").split()
        calls.append((name, dict(word.split("=", 1) for word in given)))
    assert mapped == PREDECESSOR

    async def session():
        async with Client(make_server([project])) as client:
            return [await client.call_tool(name, given) for name, given in calls]

    for (name, given), result in zip(calls, anyio.run(session), strict=True):
        assert not result.is_error, (name, given, result.content[0].text)


def test_the_tools_are_described_with_their_arguments_and_defaults(page, project):
    async def session():
        async with Client(make_server([project])) as client:
            return (await client.list_tools()).tools

    told = {
        name.strip("`"): re.findall(r"`(\w+)`(?: \((\w+)\))?", arguments)
        for name, arguments, _ in rows_of(page, "| tool | arguments (defaults) | answers |")
    }
    tools = anyio.run(session)
    assert told.keys() == {tool.name for tool in tools}
    for tool in tools:
        known = tool.input_schema["properties"]
        assert [name for name, _ in told[tool.name]] == list(known)
        for name, default in told[tool.name]:
            first = known[name].get("default", known[name].get("enum", [""])[0])
            assert default in ("", str(first)), (tool.name, name)


def test_each_client_has_one_line_that_can_be_used(page):
    lines = dict(rows_of(page, "| client | set-up |"))
    assert tuple(lines) == CLIENTS
    for line in lines.values():
        assert "runwise" in line
        for tree in re.findall(r"`(\{.*\})`|'(\{.*\})'", line):
            json.loads(next(filter(None, tree)))


def test_what_the_server_knows_is_on_the_page(page):
    from runwise_mcp.addresses import TEMPLATES
    from runwise_mcp.start import _parser

    for address, _, _ in TEMPLATES.values():
        assert address in page
    options = re.findall(r"--[a-z-]+", _parser().format_help())
    assert {word for word in options if word not in page} <= {"--help", "--version"}
