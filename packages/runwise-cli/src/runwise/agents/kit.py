"""What clients install as a whole: one folder that is all they ask for.

It is a Claude Code plugin with its marketplace, a Gemini CLI extension, the source of a bundle
for Claude Desktop, and an entry of the MCP registry.

    .claude-plugin/marketplace.json   the folder as a shop with one plugin: itself
    .claude-plugin/plugin.json        the plugin
    .mcp.json                         its server
    skills/runwise/                   its skill, which the extension has too
    gemini-extension.json             the extension
    server.json                       for the MCP registry
    mcpb/                             what the bundle is packed from

Nothing here names a path of a machine: servers start with ``uvx``, which fetches what it lacks.
"""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING

from runwise.agents.bundle import bundle
from runwise.agents.client import NAME
from runwise.agents.installing import skill_files
from runwise.agents.kit_trees import (
    gemini_extension,
    manifest,
    marketplace,
    plugin,
    registry_entry,
    server,
)
from runwise.agents.start import HOW_TO_GET, PROGRAM
from runwise.errors import BadSetting

if TYPE_CHECKING:
    from pathlib import Path

README = """\
# runwise for coding agents

runwise reads what training runs leave on disk (W&B, TensorBoard, MLflow, CSV, JSON Lines and
more) and says how a run is going, what is wrong with it and which of several is better. Its
answers are short: an agent pays a few hundred tokens where the log would cost hundreds of
thousands. Nothing is sent anywhere and nothing is written to a run.

This folder is a Claude Code plugin with its own marketplace, a Gemini CLI extension, and the
source of a bundle for Claude Desktop. It holds a skill, for agents with a shell, and an MCP
server.

```sh
claude plugin marketplace add ./integrations && claude plugin install runwise@runwise
gemini extensions install ./integrations
runwise agent install            # or: each client's own files, without this folder
```

The server starts with `uvx runwise-mcp`; the skill needs the command `runwise` on the PATH.
It was written by `runwise agent kit`, from the files that come with runwise.
"""
BUNDLE_MAIN = '''\
"""The server of the bundle: the one that runwise-mcp installs."""

from runwise_mcp.server import main

main()
'''


def kit_files(server_version: str) -> dict[str, str]:
    """Return the files of the kit by their names, with this version of runwise-mcp."""
    trees = {
        ".claude-plugin/marketplace.json": marketplace(),
        ".claude-plugin/plugin.json": plugin(),
        ".mcp.json": {"mcpServers": {NAME: server()}},
        "gemini-extension.json": gemini_extension(),
        "server.json": registry_entry(server_version),
        "mcpb/manifest.json": manifest(server_version),
    }
    drawn = {
        name: json.dumps(tree, indent=2, ensure_ascii=False) + "\n" for name, tree in trees.items()
    }
    skill = {f"skills/{NAME}/{name}": text for name, text in skill_files().items()}
    project = {
        "mcpb/pyproject.toml": _bundle_project(server_version),
        "mcpb/server/main.py": BUNDLE_MAIN,
    }
    return {**drawn, **skill, **project, "README.md": README}


def write_kit(folder: Path, server_version: str) -> list[Path]:
    """Write the kit and its bundle into a folder, and return the files.

    Raises ``BadSetting`` where something is in the folder, or it cannot be written.
    """
    files = kit_files(server_version)
    try:
        if folder.exists() and any(folder.iterdir()):
            raise BadSetting(f"{folder} is not empty", "Name a new directory.")
        written: list[Path] = []
        for name, data in {
            **{name: text.encode() for name, text in files.items()},
            f"{NAME}.mcpb": bundle(files),
        }.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written.append(path)
    except OSError as error:
        problem = f"{folder} cannot be written: {error.strerror}"
        raise BadSetting(problem, "Name another directory.") from error
    return written


def installed_server() -> str:
    """Return the version of runwise-mcp here. Raises ``BadSetting`` where there is none."""
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError as error:
        raise BadSetting(f"{PROGRAM} is not installed beside runwise", HOW_TO_GET) from error


def _bundle_project(server_version: str) -> str:
    return (
        f'[project]\nname = "runwise-bundle"\nversion = "{server_version}"\n'
        f'requires-python = ">=3.10"\ndependencies = ["{PROGRAM}=={server_version}"]\n'
    )
