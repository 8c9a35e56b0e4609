"""The server as clients start it: a process that speaks over stdin and stdout."""

from __future__ import annotations

import re
import subprocess
import sys

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from runwise_mcp.texts import MARK
from runwise_mcp.wording import call_of, in_tools

CURSOR = re.compile(r": cursor=\d+$", re.MULTILINE)
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


QUESTIONS = [
    ("list_runs", {}, "list"),
    ("list_runs", {"limit": 2, "sort": "step"}, "list -n 2 --sort step"),
    ("list_runs", {"filter": "state:finished train/loss<0.2"},
     "list state:finished train/loss<0.2"),
    ("analyze_run", {}, "latest"),
    ("analyze_run", {"run": "nan"}, "run nan"),
    ("analyze_run", {"run": "spike@50%"}, "run spike@50%"),
    ("analyze_run", {"run": "nan", "metrics": "lr, val/*"}, "run nan -k lr,val/*"),
    ("analyze_run", {"run": "nan", "max_tokens": 900}, "run nan --max-tokens 900"),
    ("analyze_run", {"run": "nan", "response_format": "detailed"}, "run nan -n 100"),
    ("analyze_run", {"run": "nan", "include": "config"}, "config nan"),
    ("analyze_run", {"run": "nan", "include": "notes"}, "notes nan"),
    ("analyze_run", {"run": "nan", "include": "console"}, "console nan -n 20"),
    ("compare_runs", {"runs": "nan,healthy"}, "compare nan healthy"),
    ("compare_runs", {"runs": "nan@500,healthy@500", "filter": "val/", "threshold": 1},
     "compare nan@500 healthy@500 -f val/ -t 1"),
    ("compare_runs", {"runs": "nan,healthy", "group": True}, "compare nan healthy -g"),
    ("compare_runs", {"runs": "nan,healthy", "config_diff": True}, "compare nan healthy -d"),
    ("get_history", {"run": "nan", "metrics": "train/loss"}, "history nan -k train/loss"),
    ("get_history", {"run": "nan", "metrics": "val/*", "samples": 10},
     "history nan -k val/* -n 10"),
    ("get_history", {"run": "nan", "metrics": "train/loss", "around": "640", "window": 8},
     "history nan -k train/loss --around 640 --window 8"),
    ("get_history", {"run": "nan", "view": "stats"}, "stats nan"),
    ("get_history", {"run": "spike", "view": "stability", "window": 50}, "stability spike -w 50"),
    ("get_history", {"run": "spike", "view": "trend", "metrics": "lr"}, "run spike -k lr"),
    ("get_history", {"run": "spike", "view": "chart"}, "plot spike"),
    ("detect_anomalies", {"run": "nan"}, "check nan"),
    ("detect_anomalies", {"run": "overfit", "metrics": "val/loss,train/loss"},
     "check overfit -k val/loss,train/loss"),
    ("list_keys", {"run": "nan"}, "keys nan"),
    ("list_keys", {"run": "nan", "pattern": "val/*"}, "keys nan -k val/*"),
    ("find_best_run", {"metric": "train/loss"}, "best train/loss"),
    ("find_best_run", {"metric": "val/accuracy", "direction": "max", "limit": 2,
                       "filter": "state:finished"}, "best val/accuracy --max -n 2 state:finished"),
    ("live_status", {}, "live"),
    ("live_status", {"run": "nan", "since": 500}, "live nan --since 500"),
]  # fmt: skip
"""What tools are asked, and how the command line is asked the same."""


def in_its_own_words(printed):
    """Return what the command line printed with its advice as calls of tools."""
    lines = [
        f"more: {call_of(line.removeprefix('more: '))}" if line.startswith("more: ")
        else in_tools(line)
        for line in printed.rstrip("\n").splitlines()
    ]  # fmt: skip
    return "\n".join(lines)


def test_the_server_answers_with_the_command_lines_own_text(serve, runwise, demo_root):
    async def use(client):
        tools = [tool.name for tool in (await client.list_tools()).tools]
        return tools, [await client.call_tool(tool, given) for tool, given, _ in QUESTIONS]

    tools, results = serve(use)
    assert set(tools) == {tool for tool, _, _ in QUESTIONS}
    for result, (tool, given, words) in zip(results, QUESTIONS, strict=True):
        assert not result.is_error, (tool, given)
        shell = words.split()
        printed = runwise(*shell, "--format", "compact", cwd=demo_root).stdout.decode()
        told = "\n".join(line for line in text_of(result).splitlines() if line != MARK)
        told = CURSOR.sub("", told)  # the command line has no pages
        assert still(told) == still(in_its_own_words(printed)), (tool, given)


def test_a_project_of_fifty_runs_is_answered_in_one_short_call(serve, tmp_path, write_run, tokens):
    names = ["train/loss", "val/loss", "train/acc", "val/acc", "lr", "grad_norm", "epoch", "tps"]
    for number in range(50):
        rows = [
            {
                "step": step,
                **{name: (one + 1) / (step + number + 1) for one, name in enumerate(names)},
            }
            for step in range(0, 4000, 20)
        ]
        write_run(f"sweep-{number:02}-lr-3e-4", rows)

    async def use(client):
        return await client.call_tool("analyze_run", {}), await client.call_tool("list_runs", {})

    going, listed = serve(use, "--root", str(tmp_path), cwd=tmp_path)
    assert not going.is_error
    assert "step 3980" in text_of(going)
    assert tokens(text_of(going)) <= 300
    assert text_of(listed).startswith("50 runs")
    assert tokens(text_of(listed)) <= 450


def test_wrong_calls_are_errors_that_say_what_to_do(serve, tokens):
    calls = {
        "did you mean 'run'?": ("analyze_run", {"rnu": "nan"}),
        "Newest: killed01 (killed)": ("analyze_run", {"run": "nope"}),
        "Call list_runs": ("analyze_run", {"run": "nope"}),
        "Near: train/loss": ("analyze_run", {"run": "nan", "metrics": "train/los"}),
        "outside the directories": ("analyze_run", {"run": "/etc/hostname"}),
        "limit must be 1 to 200": ("list_runs", {"limit": 1000}),
    }

    async def use(client):
        return [await client.call_tool(tool, given) for tool, given in calls.values()]

    for said, result in zip(calls, serve(use), strict=True):
        assert result.is_error
        assert said in text_of(result)
        assert tokens(text_of(result)) <= 60


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


def test_the_server_of_old_starts_too(demo_root, plain_environment):
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "runwise.mcp_server"], cwd=str(demo_root),
        env=plain_environment(),
    )  # fmt: skip

    async def session():
        with anyio.fail_after(60):
            async with Client(server) as client:
                return await client.call_tool("list_runs", {})

    assert text_of(anyio.run(session)).startswith("5 runs")


def test_the_server_of_old_says_what_to_install(tmp_path, plain_environment):
    code = (
        "import sys; sys.modules['runwise_mcp'] = None\n"
        "import importlib.util as util; util.find_spec = lambda name: None\n"
        "from runwise.mcp_server import main; sys.exit(main([]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=plain_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "runwise: the MCP server is in runwise-mcp: pip install runwise-mcp\n"


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
