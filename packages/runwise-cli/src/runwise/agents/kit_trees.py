"""What each of the kit's JSON files says."""

from __future__ import annotations

from typing import Any

from runwise.agents.client import NAME
from runwise.agents.start import PROGRAM
from runwise.version import __version__

OWNER = "The runwise contributors"
SAYS = "Ask how a training run is going, what is wrong and which run is better."
LONG = (
    "Reads what training runs leave on disk (W&B, TensorBoard, MLflow, CSV, JSON Lines and more) "
    "and answers in few tokens: state, progress, problems with their steps, curves, comparisons. "
    "Local, read-only, no account."
)
REGISTRY_NAME = "io.github.runwise/runwise"
REGISTRY_SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
KEYWORDS = ["machine-learning", "training", "wandb", "tensorboard", "mlflow"]
TOOLS = {
    "list_runs": "Which runs are there, and how is each going?",
    "analyze_run": "How is a run going, and what is wrong with it?",
    "compare_runs": "Which run is better, and in what?",
    "get_history": "Curves: values, statistics, stability or a chart, whole or around a point.",
    "detect_anomalies": "What is wrong with a run, step by step.",
    "list_keys": "Which metrics did a run log?",
    "find_best_run": "Which run has the best value of a metric?",
    "live_status": "The newest values of a run; waits for an event if asked to.",
}


def plugin() -> dict[str, Any]:
    """Return the plugin of Claude Code; its server stands in ``.mcp.json``."""
    return {
        "name": NAME,
        "version": __version__,
        "description": SAYS,
        "author": {"name": OWNER},
        "license": "MIT",
        "keywords": KEYWORDS,
    }


def marketplace() -> dict[str, Any]:
    """Return the marketplace, which sells the folder it lies in."""
    offer = {"name": NAME, "source": "./", "description": SAYS, "version": __version__}
    return {
        "name": NAME,
        "owner": {"name": OWNER},
        "metadata": {"description": "runwise for Claude Code: a skill and an MCP server."},
        "plugins": [offer],
    }


def gemini_extension() -> dict[str, Any]:
    """Return the extension of Gemini CLI."""
    return {
        "name": NAME,
        "version": __version__,
        "description": SAYS,
        "mcpServers": {NAME: server()},
    }


def registry_entry(server_version: str) -> dict[str, Any]:
    """Return the entry of the MCP registry, which knows packages by their index."""
    variable = {
        "name": "RUNWISE_PROJECT_ROOT",
        "description": "The directory with the runs; the working directory without it.",
        "isRequired": False,
        "format": "filepath",
    }
    package = {
        "registryType": "pypi",
        "identifier": PROGRAM,
        "version": server_version,
        "runtimeHint": "uvx",
        "transport": {"type": "stdio"},
        "environmentVariables": [variable],
    }
    return {
        "$schema": REGISTRY_SCHEMA,
        "name": REGISTRY_NAME,
        "title": NAME,
        "description": SAYS,
        "version": server_version,
        "packages": [package],
    }


def manifest(server_version: str) -> dict[str, Any]:
    """Return the manifest of the bundle for Claude Desktop, which asks where the runs are."""
    args = ["run", "--directory", "${__dirname}", "server/main.py"]
    config = {"command": "uv", "args": [*args, "--root", "${user_config.project}"]}
    asked = {
        "type": "directory",
        "title": "Directory with the runs",
        "description": "Nothing outside of it is read.",
        "required": True,
    }
    return {
        "manifest_version": "0.4",
        "name": NAME,
        "display_name": NAME,
        "version": server_version,
        "description": SAYS,
        "long_description": LONG,
        "author": {"name": OWNER},
        "license": "MIT",
        "keywords": KEYWORDS,
        "server": {"type": "uv", "entry_point": "server/main.py", "mcp_config": config},
        "tools": [{"name": name, "description": says} for name, says in TOOLS.items()],
        "user_config": {"project": asked},
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": ">=3.10"},
        },
    }


def server() -> dict[str, Any]:
    """Return how a client starts the server: fetched by uv where it is not there yet."""
    return {"command": "uvx", "args": [PROGRAM]}
