"""Which project of W&B's cloud is meant where nobody names it.

The first that answers: what the newest local run of W&B was logged to; ``wandb/settings`` in the
project's directory, then the user's; ``WANDB_PROJECT`` and ``WANDB_ENTITY``; ``wandb_project`` in
``runwise.json``. Project and entity may come from different ones.
"""

from __future__ import annotations

import os
from configparser import ConfigParser, Error
from pathlib import Path
from typing import TYPE_CHECKING

from runwise.errors import BadSetting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runwise.workspace import Workspace

Named = tuple[str, str]
"""An entity and a project, empty where not known."""
_TRACKER = "wandb"
_LOOKED_AT = 5
"""Newest local runs that are asked where they were logged to."""


def cloud_project(
    workspace: Workspace, project: str = "", entity: str = "", env: Mapping[str, str] = os.environ
) -> str:
    """Return ``entity/project``; what is given wins, and may hold both.

    Raises ``BadSetting`` where nobody says which.
    """
    known_entity, _, known_project = project.rpartition("/")
    known_entity = entity or known_entity
    if not known_entity or not known_project:
        for found_entity, found_project in _told(workspace, env):
            # An entity says nothing about the project of another.
            if not known_project or found_project == known_project or not found_project:
                known_entity = known_entity or found_entity
            known_project = known_project or found_project
            if known_entity and known_project:
                break
    if not known_project:
        raise BadSetting(
            "no run here says which project of W&B is meant", "Name it: -p ENTITY/PROJECT"
        )
    if not known_entity:
        raise BadSetting(f"whose is project {known_project}?", "Name its owner: -e ENTITY")
    return f"{known_entity}/{known_project}"


def _told(workspace: Workspace, env: Mapping[str, str]) -> Iterator[Named]:
    yield from _of_runs(workspace)
    config = Path(env.get("WANDB_CONFIG_DIR") or "~/.config/wandb").expanduser()
    for path in (workspace.root / "wandb" / "settings", config / "settings"):
        yield _of_settings(path)
    yield env.get("WANDB_ENTITY", ""), env.get("WANDB_PROJECT", "")
    entity, _, project = workspace.settings.wandb_project.rpartition("/")
    yield entity, project


def _of_runs(workspace: Workspace) -> Iterator[Named]:
    """Yield where the newest runs of W&B here were logged to."""
    from runwise_parsers.wandb_log.told import told_of  # noqa: PLC0415 - only where there are some

    local = [run for run in workspace.runs if run.source == _TRACKER][:_LOOKED_AT]
    for run in local:
        parts = [one.description.run for one in told_of(run.segments)]
        entity = next((one["entity"] for one in reversed(parts) if one.get("entity")), "")
        yield entity, run.project


def _of_settings(path: Path) -> Named:
    settings = ConfigParser(interpolation=None, strict=False)
    try:
        settings.read(path, encoding="utf-8")
    except (OSError, Error, UnicodeDecodeError):
        return "", ""
    if not settings.has_section("default"):
        return "", ""
    told = settings["default"]
    return told.get("entity", ""), told.get("project", "")
