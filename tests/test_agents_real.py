"""What `runwise agent` writes, as the agents' own programs see it.

They come out of the npm registry and have no account; their model is a stub on this machine.

Each is installed once into a directory of its own (`RUNWISE_TEST_NPM`, else one in the
system's temporary directory); where that fails its tests are skipped and say why.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import anyio
import pytest

pytestmark = pytest.mark.trackers
SECONDS = 180
MOST = 300
"""Tokens of an answer."""
TAKES = re.compile(r"\d+(\.\d+)? seconds")
AGO = re.compile(r"\d+(s|min|h|d) ago")


def _loaded(name):
    path = Path(__file__).parent / "agents" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"runwise_tests_agents_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CLIENTS, STUB = _loaded("clients"), _loaded("model_stub")
AGENTS = {agent.name: agent for agent in CLIENTS.AGENTS}


@pytest.fixture
def place(tmp_path, demo_root, plain_environment):
    """A home nobody lives in and a project with the demo's runs; commands run there."""
    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    shutil.copytree(demo_root, project)
    moved = ("HOME", "USERPROFILE", "APPDATA", "CLAUDE_", "CODEX_", "COPILOT_", "XDG_", "GEMINI_")
    env = {
        name: value
        for name, value in plain_environment().items()
        if not name.startswith((*moved, "ANTHROPIC_", "OPENAI_", "GITHUB_", "GH_", "GOOGLE_"))
    }
    env |= {"HOME": str(home), "USERPROFILE": str(home), "TERM": "xterm-256color"}
    env["PWD"] = str(project)  # opencode starts servers there, whatever its directory

    class Place:
        def __init__(self):
            self.home, self.project, self.env = home, project, env

        def run(self, *words, **more):
            return subprocess.run(
                [str(word) for word in words], cwd=project, env={**env, **more},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8",
                errors="replace", timeout=SECONDS, check=False,
            )  # fmt: skip

        def runwise(self, *words):
            done = self.run(sys.executable, "-m", "runwise", *words)
            assert done.returncode == 0, done.stderr
            return done.stdout

    return Place()


@pytest.fixture(scope="session")
def program():
    """Return the path of an agent's program, or skip."""

    def find(name, pattern=""):
        agent = AGENTS.get(name)
        package = agent.package if agent else name
        found, why = CLIENTS.program(package, agent.program if agent else pattern)
        if not found:
            pytest.skip(why)
        return found

    return find


def _served(place, tool, arguments):
    """Return a tool's text as the server gives it to a client of the SDK."""
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "runwise_mcp"], cwd=str(place.project), env=place.env
    )

    async def ask():
        with anyio.fail_after(60):
            async with Client(server) as client:
                return await client.call_tool(tool, arguments)

    (content,) = anyio.run(ask).content
    return content.text


def _timeless(text):
    return AGO.sub("T ago", TAKES.sub("S", text))


@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_gives_its_model_our_text_once_and_knows_the_skill(place, program, name, tokens):
    agent, path = AGENTS[name], program(name)
    other = ("compare_runs", {"runs": "healthy, overfitting"})
    if name == "claude":  # it loads one tool, and looks the others up when it needs them
        other = ("analyze_run", {"run": "healthy"})
    calls = [("analyze_run", {"run": "nan"}), other, ("analyze_run", {"run": "nobody"})]
    with STUB.ModelStub(calls) as stub:
        more = agent.prepare(place.home, stub.url)
        place.runwise("agent", "install", name)
        agent.finish(place.home)
        done = place.run(path, *agent.words, **more)
    said = f"{done.stdout[-1500:]}{done.stderr[-1500:]}"
    assert STUB.LAST_WORD in done.stdout, said
    assert len(stub.results) == len(calls), said
    whole = json.dumps(stub.talks[-1])
    for number, call in enumerate(calls[:2]):
        served = _served(place, *call)
        wrapped = agent.wrapped(_timeless(served))
        assert [_timeless(text) for text in stub.results[number]] == wrapped
        assert whole.count(json.dumps(served.splitlines()[0])[1:-1]) == 1, "given twice"
        assert served.splitlines()[-1].startswith("more: ")
        assert tokens(served) <= MOST
    assert "structuredContent" not in whole
    assert "'nobody'" in (refused := " ".join(stub.results[2]))
    assert "Call list_runs" in refused
    tools = " ".join(STUB.offered(stub.talks[-1]))
    for tool in ("list_runs", "analyze_run", "compare_runs", "get_history", "live_status"):
        assert tool in tools or tool in whole
    assert "Reads ML training runs" in whole


def test_claude_code_reads_the_skill_and_runs_what_it_names(place, program):
    asked = [("Skill", {"skill": "runwise"}), ("Bash", {"command": "runwise run nan"})]
    path = f"{Path(sys.executable).parent}{os.pathsep}{place.env['PATH']}"
    with STUB.ModelStub(asked) as stub:
        more = AGENTS["claude"].prepare(place.home, stub.url)
        place.runwise("agent", "install", "claude", "--skill", "--project")
        words = ("-p", "How is training going?", "--allowedTools", "Skill,Bash(runwise:*)")
        done = place.run(program("claude"), *words, PATH=path, **more)
    assert len(stub.results) == len(asked), done.stdout + done.stderr
    whole = json.dumps(stub.talks[-1])
    assert whole.count("Never open a log file: ask `runwise`") == 1
    told = place.runwise("run", "nan", "--format", "compact").strip()
    assert [_timeless(text) for text in stub.results[1]] == [_timeless(told)]
    assert "mcp__runwise" not in whole


def test_claude_code_connects_to_what_was_installed(place, program):
    claude = program("claude")
    place.runwise("agent", "install", "claude")
    assert re.search(
        r"runwise: .*runwise_mcp - .*Connected", place.run(claude, "mcp", "list").stdout
    )
    assert "Connected" in place.run(claude, "mcp", "get", "runwise").stdout
    place.runwise("agent", "uninstall", "claude")
    assert "runwise" not in place.run(claude, "mcp", "list").stdout


def test_claude_code_asks_once_about_a_projects_server(place, program):
    place.runwise("agent", "install", "claude", "--project")
    assert re.search(
        r"runwise: .*Pending approval", place.run(program("claude"), "mcp", "list").stdout
    )


@pytest.mark.parametrize(
    ("name", "config", "words"),
    [
        ("claude", ".claude.json", ("mcp", "add", "other", "--scope", "user", "--", "echo", "hi")),
        ("codex", ".codex/config.toml", ("mcp", "add", "other", "--", "echo", "hi")),
        ("gemini", ".gemini/settings.json", ("mcp", "add", "--scope", "user", "other", "echo")),
        ("copilot", ".copilot/mcp-config.json", ("mcp", "add", "other", "--", "echo", "hi")),
    ],
)
def test_a_server_the_client_itself_adds_outlives_ours(place, program, name, config, words):
    path = program(name)
    place.runwise("agent", "install", name, "--mcp")
    added = place.run(path, *words)
    both = (place.home / config).read_text("utf-8")
    assert "runwise_mcp" in both, added.stderr
    assert "other" in both, added.stdout + added.stderr
    listed = place.run(path, "mcp", "list")
    assert {"other", "runwise"} <= set(re.findall(r"\w+", listed.stdout + listed.stderr))
    place.runwise("agent", "uninstall", name)
    left = (place.home / config).read_text("utf-8")
    assert "runwise" not in left
    listed = place.run(path, "mcp", "list")
    assert "other" in listed.stdout + listed.stderr


def test_codex_reads_the_server_that_was_installed(place, program):
    place.runwise("agent", "install", "codex")
    found = json.loads(place.run(program("codex"), "mcp", "get", "runwise", "--json").stdout)
    assert found["transport"]["args"] == ["-m", "runwise_mcp"]
    assert found["enabled"]


def test_opencode_connects_to_what_was_installed(place, program):
    place.runwise("agent", "install", "opencode")
    said = place.run(program("opencode"), "mcp", "list")
    assert re.search(r"runwise .*connected", said.stdout + said.stderr)


def test_claude_code_accepts_and_installs_the_plugin(place, program):
    claude = program("claude")
    place.runwise("agent", "kit", "kit")
    for target in ("kit", "kit/.claude-plugin/plugin.json"):
        done = place.run(claude, "plugin", "validate", target, "--strict")
        assert done.returncode == 0, done.stdout + done.stderr
    assert place.run(claude, "plugin", "marketplace", "add", "./kit").returncode == 0
    done = place.run(claude, "plugin", "install", "runwise@runwise")
    assert done.returncode == 0, done.stdout + done.stderr
    details = place.run(claude, "plugin", "details", "runwise").stdout
    assert re.search(r"Skills \(1\) +runwise", details)
    assert re.search(r"MCP servers \(1\) +runwise", details)


def test_the_bundle_is_a_valid_mcpb(place, program):
    mcpb = program("@anthropic-ai/mcpb", ".bin/mcpb")
    place.runwise("agent", "kit", "kit")
    done = place.run(mcpb, "validate", "kit/mcpb/manifest.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert place.run(mcpb, "unpack", "kit/runwise.mcpb", "out").returncode == 0
    assert place.run(mcpb, "validate", "out/manifest.json").returncode == 0


def test_the_gemini_extension_is_installed_with_its_skill(place, program):
    gemini = program("gemini")
    more = AGENTS["gemini"].prepare(place.home, "http://127.0.0.1:9")
    place.runwise("agent", "kit", "kit")
    done = place.run(gemini, "extensions", "validate", "kit", **more)
    assert done.returncode == 0, done.stdout + done.stderr
    done = place.run(gemini, "extensions", "install", "./kit", "--consent", **more)
    assert done.returncode == 0, done.stdout + done.stderr
    said = place.run(gemini, "extensions", "list", **more)
    assert re.search(r"runwise \(0\.\d+\.\d+\)", said.stdout + said.stderr)


def test_the_skill_is_valid_for_every_client(place):
    validate = _agentskills()
    clients = ("claude", "codex", "gemini", "copilot", "cursor", "opencode", "vscode")
    place.runwise("agent", "install", *clients, "--skill", "--project")
    folders = sorted(path.parent for path in place.project.rglob("SKILL.md"))
    assert len(folders) == len(clients) - 1, "VS Code and Copilot share a folder"
    for folder in folders:
        done = place.run(validate, "validate", folder)
        assert done.returncode == 0, done.stdout + done.stderr


def _agentskills():
    """Return the validator of the format's own authors, in an environment of its own."""
    found = shutil.which("agentskills")
    folder = Path(tempfile.gettempdir()) / "runwise-skills-ref"
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if not found and not list(scripts.glob("agentskills*")):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=SECONDS)
        words = ["-m", "pip", "install", "-q", "skills-ref"]
        done = subprocess.run(
            [str(scripts / "python"), *words],
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"pip cannot install skills-ref: {done.stderr[-200:]}")
    return found or next(scripts.glob("agentskills*"))
