"""A run as runwise 0.5 described it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runwise.workspace import Workspace
    from runwise_parsers import RunInfo as Described


@dataclass
class RunInfo:
    """One run: ``metrics`` are its newest values, ``date`` and ``time`` those of its beginning."""

    run_id: str
    directory: Path
    date: str = ""
    time: str = ""
    final_step: int = 0
    metrics: dict[str, Any] = field(default_factory=dict[str, Any])
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    state: str = "unknown"
    name: str = ""
    notes: str = ""
    tags: list[str] = field(default_factory=list[str])
    group: str = ""
    segments: list[Path] = field(default_factory=list[Path])

    @property
    def is_resumed(self) -> bool:
        """Whether the run was interrupted and went on in another directory."""
        return len(self.segments) > 1


def described(workspace: Workspace, info: Described) -> RunInfo:
    """Return one of our runs as 0.5 had it."""
    begun = info.created if info.created is not None else info.updated
    clock = None if begun is None else datetime.fromtimestamp(begun, tz=timezone.utc).astimezone()
    learned = workspace.study(info)
    step = info.last_step if info.last_step is not None and isfinite(info.last_step) else 0
    return RunInfo(
        run_id=info.id,
        directory=info.path if info.path.is_dir() else info.path.parent,
        date=clock.strftime("%Y-%m-%d") if clock else "",
        time=clock.strftime("%H:%M:%S") if clock else "",
        final_step=int(step),
        metrics={name: one.last for name, one in learned.learned.metrics.items()},
        config=dict(learned.config),
        state=info.state,
        name=info.name,
        notes=info.notes,
        tags=list(info.tags),
        group=info.group,
        segments=list(info.segments),
    )
