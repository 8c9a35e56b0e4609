"""The loopback server of W&B, and the real client pointed at it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.main import main


def _loaded(name: str):
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"runwise_tests_cloud_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def wb():
    """The module of the server: ``Cloud``, ``CloudRun``, ``KEY``."""
    return _loaded("server")


@pytest.fixture
def cloud(wb, monkeypatch, tmp_path):
    """A server with no run yet, that the client of this process and of others would ask."""
    pytest.importorskip("wandb")
    from runwise_parsers.wandb_cloud.client import forget_apis

    with wb.serving(wb.Cloud()) as served:
        for name in ("WANDB_ENTITY", "WANDB_PROJECT", "WANDB_MODE", "WANDB_SERVICE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("WANDB_BASE_URL", served.address)
        monkeypatch.setenv("WANDB_API_KEY", wb.KEY)
        monkeypatch.setenv("WANDB_HTTP_TIMEOUT", "20")
        for name in ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
            monkeypatch.setenv(name, str(tmp_path / name.lower()))
        forget_apis()
        yield served
        forget_apis()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty directory, in which the test is."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def logged(wb):
    """Make a run with so many rows: the loss falls, one value is no number."""

    def make(run_id="3k9x1mzp", rows=300, first=0, **told):
        curve = [
            {
                "_step": at,
                "_timestamp": 1.79e9 + at,
                "_runtime": at,
                "loss": 2.0 / (1 + at),
                "lr": 0.1,
            }
            for at in range(first, first + rows)
        ]
        if rows > 7:
            curve[7]["loss"] = float("nan")
        summary = {"loss": curve[-1]["loss"], "_step": curve[-1]["_step"]} if curve else {}
        return wb.CloudRun(run_id, curve, **{"summary": summary, **told})

    return make


@pytest.fixture
def say(here, cloud, tmp_path, monkeypatch):
    """Run a command where no run is, with a cache of its own; returns its output."""
    monkeypatch.setenv("RUNWISE_CACHE_DIR", str(tmp_path / "cache"))

    def call(*words, code=0):
        result = CliRunner().invoke(main, list(words), catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    return call


@pytest.fixture
def two(cloud, logged):
    """Two finished runs of a project, and one that is running."""
    cloud.add(
        logged(rows=300, name="small lr", config={"lr": 0.1}, created="2026-11-01T01:00:00Z")
    )
    other = cloud.add(logged("b1b1b1b1", 300, config={"lr": 0.2}, created="2026-11-01T02:00:00Z"))
    for row in other.rows:
        row["loss"] *= 0.5
    cloud.add(
        logged("live0001", 40, state="running", tags=["sweep"], created="2026-11-01T03:00:00Z")
    )
    return cloud
