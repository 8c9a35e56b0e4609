"""What the tests of this package share: a project, a server on it, and a client beside it."""

from __future__ import annotations

import json

import anyio
import pytest
from mcp import Client

from runwise_mcp.server import make_server

VARIABLES = (
    "RUNWISE_PROJECT_ROOT", "RUNWISE_WANDB_DIR", "RUNWISE_LOGS_DIR", "WANDB_DIR", "TRACKIO_DIR",
    "MLFLOW_TRACKING_URI", "RUNWISE_MCP_TOKEN",
)  # fmt: skip


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path, tmp_path_factory):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RUNWISE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write_run(tmp_path):
    """Write a run of a loss that falls, below ``tmp_path``."""

    def write(name, folder=tmp_path, rows=50, **more):
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            json.dumps({"step": step, "train/loss": 2 / (1 + step / 20), **more})
            for step in range(rows)
        )
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture(params=["auto", "legacy"])
def talk(request):
    """Do something with a client of a server, in the newest protocol and in the old one."""

    def run(use, roots=(), **options):
        async def session():
            with anyio.fail_after(60):
                async with Client(make_server(roots, **options), mode=request.param) as client:
                    return await use(client)

        return anyio.run(session)

    return run


@pytest.fixture
def call(talk):
    """Call a tool and return whether it failed, and its text."""

    def run(tool, arguments=None, roots=(), **options):
        async def use(client):
            return await client.call_tool(tool, arguments or {})

        result = talk(use, roots, **options)
        assert result.structured_content is None
        (content,) = result.content
        return bool(result.is_error), content.text

    return run
