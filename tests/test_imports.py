"""A command imports what it needs: no tracker, no server, no numerics for a local question."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"wandb", "mcp", "pydantic", "numpy", "yaml", "importlib.metadata", "asyncio"}
LEAVES = {"runwise_parsers", "runwise_sampling", "runwise_detect", "runwise_format"}
CALL = """
import sys
from runwise.main import main
sys.argv[0] = "runwise"
try:
    main()
finally:
    sys.stderr.write("\\n".join(sys.modules))
"""


@pytest.fixture
def imported(demo_root, plain_environment):
    """Return the modules that a call of the command imported."""

    def call(*words):
        done = subprocess.run(
            [sys.executable, "-c", CALL, *words],
            cwd=demo_root,
            env=plain_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout
        return set(done.stderr.splitlines())

    return call


@pytest.mark.parametrize(
    "words",
    [("--help",), ("list",), ("latest",), ("check",), ("keys", "nan"), ("demo",)],
    ids=" ".join,
)
@pytest.mark.parametrize("output", ["compact", "text", "json"])
def test_a_local_command_imports_nothing_heavy(imported, words, output):
    assert imported("--format", output, *words) & HEAVY == set()


@pytest.mark.parametrize("words", ["--version", "--help"])
def test_who_asks_for_the_version_or_help_waits_for_no_leaf(imported, words):
    assert imported(words) & (LEAVES | HEAVY) == set()


@pytest.mark.parametrize("module", ["runwise", "runwise.main", "runwise_format"])
def test_an_import_brings_no_tracker(module, plain_environment):
    code = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) & HEAVY == set()
