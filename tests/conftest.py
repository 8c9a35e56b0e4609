"""What the tests of the whole house share: the command as people run it, and token counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
AGENTS = ("CLAUDECODE", "GEMINI_CLI", "CURSOR_AGENT", "AIDER", "OPENCODE", "COPILOT_CLI")
OURS = ("RUNWISE_", "WANDB_", "CODEX_", "PYTHON", "LC_", "LANG", "NO_COLOR", "COLUMNS")


@pytest.fixture(scope="session")
def house() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def demo_root() -> Path:
    from runwise.demo import demo_root

    return demo_root()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory) -> Path:
    """Nothing is read from the cache of whoever runs the tests, nor left there."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["RUNWISE_CACHE_DIR"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def plain_environment(own_cache) -> Callable[..., dict[str, str]]:
    """Return an environment in which nothing decides how answers look but what a test adds."""

    def make(**more: str) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in AGENTS and not name.startswith(OURS)
        }
        ours = {
            "RUNWISE_CACHE_DIR": str(own_cache),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
        }
        return {**kept, **ours, **more}

    return make


@pytest.fixture(scope="session")
def runwise(plain_environment):
    """Run ``python -m runwise`` in a process of its own; output is bytes, as a pipe sees it."""

    def call(*words, cwd=None, env=None, **options) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "runwise", *map(os.fspath, words)],
            cwd=cwd,
            env=plain_environment(**(env or {})),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            **options,
        )

    return call


@pytest.fixture(scope="session")
def tokens():
    """Count tokens with the o200k vocabulary."""
    return pytest.importorskip("rs_bpe.bpe").openai.o200k_base().count


@pytest.fixture
def write_run(tmp_path):
    """Write rows as a JSON Lines run below ``tmp_path``."""

    def write(name, rows, folder=tmp_path):
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write
