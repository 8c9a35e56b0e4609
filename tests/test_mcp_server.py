"""The server as clients start it: a process that speaks over stdin and stdout."""

from __future__ import annotations

import re
import subprocess
import sys

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

AGO = re.compile(r"\d+(s|min|h|d) ago|,\d+[smhd],")
LATER = """
import sys
import anyio
from mcp import Client
from runwise_mcp.server import make_server

async def main():
    async with Client(make_server()) as client:
        await client.list_tools()
        before = [name for name in sys.modules if name.startswith(NAMES)]
        result = await client.call_tool("list_runs", {})
        after = [name for name in sys.modules if name.startswith(NAMES)]
        print(before, "runwise.reports" in after, result.is_error)

NAMES = ("runwise.reports", "runwise.workspace", "runwise_parsers", "runwise_detect",
         "runwise_sampling", "runwise_format")
anyio.run(main)
"""


@pytest.fixture(scope="module", params=["auto", "legacy"])
def serve(request, demo_root, plain_environment):
    """Start the server on the demo's runs and do something with a real client."""

    def run(use, *words, cwd=demo_root):
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "runwise_mcp", *words], cwd=str(cwd),
            env=plain_environment(),
        )  # fmt: skip

        async def session():
            with anyio.fail_after(60):
                async with Client(server, mode=request.param) as client:
                    return await use(client)

        return anyio.run(session)

    return run


def text_of(result):
    assert result.structured_content is None
    (content,) = result.content
    return content.text


def still(text):
    """Return an answer without its ages, which grow between two questions."""
    return AGO.sub("AGE", text)


def test_the_server_answers_with_the_command_lines_own_text(serve, runwise, demo_root):
    questions = [
        ("list_runs", {}, ["list"]),
        ("list_runs", {"limit": 2}, ["list", "-n", "2"]),
        ("analyze_run", {}, ["latest"]),
        ("analyze_run", {"run": "nan"}, ["run", "nan"]),
        ("analyze_run", {"run": "spike@50%"}, ["run", "spike@50%"]),
        ("analyze_run", {"run": "nan", "metrics": "lr, val/*"}, ["run", "nan", "-k", "lr,val/*"]),
        ("analyze_run", {"run": "nan", "max_tokens": 100}, ["run", "nan", "--max-tokens", "100"]),
    ]

    async def use(client):
        tools = [tool.name for tool in (await client.list_tools()).tools]
        results = [await client.call_tool(tool, given) for tool, given, _ in questions]
        return tools, results

    tools, results = serve(use)
    assert tools == ["list_runs", "analyze_run"]
    for result, (_, _, words) in zip(results, questions, strict=True):
        assert not result.is_error
        printed = runwise(*words, "--format", "compact", cwd=demo_root).stdout.decode()
        assert still(text_of(result)) == still(printed.rstrip("\n"))


def test_wrong_calls_are_errors_that_say_what_to_do(serve, tokens):
    calls = {
        "did you mean 'run'?": ("analyze_run", {"rnu": "nan"}),
        "Newest: killed01 (killed)": ("analyze_run", {"run": "nope"}),
        "Call list_runs.": ("analyze_run", {"run": "nope"}),
        "Near: train/loss": ("analyze_run", {"run": "nan", "metrics": "train/los"}),
        "outside the directories": ("analyze_run", {"run": "/etc/hostname"}),
        "less than or equal to 200": ("list_runs", {"limit": 1000}),
    }

    async def use(client):
        return [await client.call_tool(tool, given) for tool, given in calls.values()]

    for said, result in zip(calls, serve(use), strict=True):
        assert result.is_error
        assert said in text_of(result)
        assert tokens(text_of(result)) <= 70  # ten of them are the SDK's


def test_a_server_without_runs_says_where_it_looked(serve, tmp_path):
    async def use(client):
        return await client.call_tool("list_runs", {})

    result = serve(use, "--root", str(tmp_path), cwd=tmp_path)
    assert result.is_error
    assert "Start the server with --root DIR." in text_of(result)


def test_links_that_lead_out_of_the_roots_are_not_followed(serve, demo_root, tmp_path):
    (tmp_path / "wandb").symlink_to(demo_root / "wandb")
    (run,) = demo_root.glob("wandb/*nan00001")

    async def use(client):
        listed = await client.call_tool("list_runs", {})
        return [listed] + [
            await client.call_tool("analyze_run", {"run": ref})
            for ref in (str(run), f"wandb/{run.name}", "nan00001")
        ]

    results = serve(use, "--root", str(tmp_path), cwd=tmp_path)
    assert all(result.is_error for result in results)
    assert "nan (nan00001)" not in "".join(map(text_of, results))


def test_nothing_is_analysed_before_somebody_asks(demo_root, plain_environment):
    done = subprocess.run(
        [sys.executable, "-c", LATER],
        cwd=demo_root, env=plain_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "[] True False\n", done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--version"], 0, r"^runwise-mcp \d+\.\d+\.\d+\n$"),
        (["--help"], 0, "--root DIR"),
        (["--root", "no/such/dir"], 2, "--root no/such/dir is not a directory"),
        (["--root"], 2, "expected one argument"),
        (["surprise"], 2, "unrecognized arguments: surprise"),
    ],
)
def test_the_server_can_be_asked_from_a_shell(plain_environment, words, code, said):
    done = subprocess.run(
        [sys.executable, "-m", "runwise_mcp", *words],
        env=plain_environment(), capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code
    assert re.search(said, done.stderr if code else done.stdout)
    assert (done.stdout if code else done.stderr) == ""
