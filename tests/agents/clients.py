"""The agents' own programs, out of the npm registry, and how each is pointed at the stub."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = Path(os.environ.get("RUNWISE_TEST_NPM") or Path(tempfile.gettempdir()) / "runwise-npm")
"""Where npm installs them, once for all test runs of a machine."""
NPM_SECONDS, AGENT_SECONDS = 600, 180
QUESTION = "How is training going?"


@dataclass(frozen=True)
class Agent:
    """A program: its npm package, where its file lies there, and what makes it ask the stub.

    ``prepare`` gets the home and the stub's URL, writes settings that a user may have already,
    and returns variables; ``wrapped`` says how the client hands a tool's text to its model.
    """

    name: str
    package: str
    program: str
    words: tuple[str, ...]
    prepare: Callable[[Path, str], dict[str, str]]
    wrapped: Callable[[str], list[str]]
    finish: Callable[[Path], None] = lambda home: None
    """What a user still sets once runwise is installed."""


def program(package: str, pattern: str) -> tuple[Path | None, str]:
    """Return a program of a package, installed if need be, or None and why there is none."""
    found = next(iter(sorted((PREFIX / "node_modules").glob(pattern))), None)
    if found:
        return found, ""
    npm = shutil.which("npm")
    if not npm:
        return None, "npm is not installed"
    words = ["--ignore-scripts", "--no-audit", "--no-fund", "--cache", str(PREFIX / "cache")]
    PREFIX.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [npm, "install", "--prefix", str(PREFIX), *words, package],
        capture_output=True, text=True, timeout=NPM_SECONDS, check=False,
    )  # fmt: skip
    found = next(iter(sorted((PREFIX / "node_modules").glob(pattern))), None)
    return found, "" if found else f"npm cannot install {package}: {done.stderr[-200:]}"


def _claude(home: Path, url: str) -> dict[str, str]:
    (home / ".claude.json").write_text('{"numStartups": 3, "hasCompletedOnboarding": true}')
    return {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "x",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_MAX_RETRIES": "0",
    }


def _codex(home: Path, url: str) -> dict[str, str]:
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text(
        '# my model\nmodel = "stub"\nmodel_provider = "stub"\n\n[model_providers.stub]\n'
        f'name = "stub"\nbase_url = "{url}/v1"\nwire_api = "responses"\n'
    )
    return {}


def _wait_for_servers(home: Path) -> None:
    """Let ``codex exec`` wait; it asks its model before a server that is slower has answered."""
    path = home / ".codex" / "config.toml"
    mark = "startup_timeout_sec"
    path.write_text(path.read_text("utf-8").replace(mark, f"required = true\n{mark}"))


def _opencode(home: Path, url: str) -> dict[str, str]:
    options = {"baseURL": f"{url}/v1", "apiKey": "x"}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {"stub": {}}}
    settings: dict[str, Any] = {"provider": {"stub": provider}, "model": "stub/stub"}
    folder = home / ".config" / "opencode"
    folder.mkdir(parents=True)
    text = json.dumps({**settings, "autoupdate": False}, indent=2)
    (folder / "opencode.jsonc").write_text(f"// of the stub\n{text}\n")
    return {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_LSP_DOWNLOAD": "1"}


def _gemini(home: Path, url: str) -> dict[str, str]:
    (home / ".gemini").mkdir()
    auth = {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": False}}
    settings = {"security": auth, "privacy": {"usageStatisticsEnabled": False}}
    text = json.dumps(settings, indent=2)
    (home / ".gemini" / "settings.json").write_text(f"{text} // mine\n")
    return {"GEMINI_API_KEY": "x", "GOOGLE_GEMINI_BASE_URL": url}


def _copilot(home: Path, url: str) -> dict[str, str]:
    del home
    return {
        "COPILOT_OFFLINE": "true",
        "COPILOT_PROVIDER_BASE_URL": f"{url}/v1",
        "COPILOT_MODEL": "stub",
        "COPILOT_PROVIDER_API_KEY": "x",
    }


AGENTS = (
    Agent(
        "claude", "@anthropic-ai/claude-code", "@anthropic-ai/claude-code-*/claude*",
        ("-p", QUESTION, "--allowedTools", "mcp__runwise"), _claude, lambda text: [text],
    ),
    Agent(
        "codex", "@openai/codex", ".bin/codex",
        ("exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", QUESTION),
        _codex, lambda text: ["Wall time: S\nOutput:", text],
        _wait_for_servers,
    ),
    Agent(
        "copilot", "@github/copilot", "@github/copilot-*/copilot*",
        ("-p", QUESTION, "--allow-all-tools", "--disable-builtin-mcps"),
        _copilot, lambda text: [text],
    ),
    Agent(
        "gemini", "@google/gemini-cli", ".bin/gemini",
        ("--approval-mode", "yolo", "-m", "gemini-2.5-flash", "-p", QUESTION),
        _gemini, lambda text: [f"<untrusted_context>\n{text}\n</untrusted_context>"],
    ),
    Agent(
        "opencode", "opencode-ai", "opencode-*-*/bin/opencode*",
        ("run", QUESTION), _opencode, lambda text: [text],
    ),
)  # fmt: skip
