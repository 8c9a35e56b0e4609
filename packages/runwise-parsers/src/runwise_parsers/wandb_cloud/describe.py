"""A run as W&B's client gives it, in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.info import RunInfo
from runwise_parsers.mirror_log.layout import CLOCK, STEP
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runwise_parsers.gap import Gap

NAME = "wandb-cloud"
_STATES = {
    "preempting": "running",
    "preempted": "killed",
    "stopped": "killed",
    "stopping": "running",
}
_OURS = frozenset({"running", "finished", "failed", "crashed", "killed"})


def described(
    run: Any, place: Path, machine: Mapping[str, object], gaps: tuple[Gap, ...] = ()
) -> RunInfo:
    """Return a run as the client's object tells it; ``machine`` is its metadata, if known."""
    told = attributes(run)
    state = _text(told.get("state")).lower()
    state = _STATES.get(state, state)
    return RunInfo(
        NAME,
        str(run.id),
        name=_text(told.get("displayName")),
        state=state if state in _OURS else "unknown",
        created=clock_of(told.get("createdAt")),
        updated=clock_of(told.get("heartbeatAt")) or clock_of(told.get("createdAt")),
        project=f"{run.entity}/{run.project}",
        group=_text(told.get("group")),
        job_type=_text(told.get("jobType")),
        tags=tuple(map(str, told.get("tags") or ())),
        notes=_text(told.get("notes")),
        sweep=_text(told.get("sweepName")),
        commit=_text(told.get("commit")) or _text(_within(machine, "git").get("commit")),
        command=_command(machine),
        host=_text(machine.get("host")),
        segments=(place,),
        last_step=last_step(told),
        gaps=gaps,
    )


def attributes(run: Any) -> dict[str, Any]:
    """Return what the server said of a run, as GraphQL calls it."""
    return cast("dict[str, Any]", run._attrs)  # noqa: SLF001  its own names ask the server again


def last_step(told: Mapping[str, object]) -> float | None:
    """Return the newest step, ``None`` where nothing was logged."""
    step = as_number(_within(told, "historyKeys").get("lastStep"))
    return None if step is None or step < 0 else step


def lines(told: Mapping[str, object]) -> int:
    """Return how many rows the server counts."""
    return int(as_number(told.get("historyLineCount")) or 0)


def config_of(told: Mapping[str, object]) -> dict[str, object]:
    """Return the hyperparameters, without what W&B notes there."""
    return _within(told, "config")


def summary_of(told: Mapping[str, object]) -> dict[str, object]:
    """Return the summary, without what W&B notes there."""
    kept = dict(_within(told, "summaryMetrics"))
    kept.pop("_wandb", None)
    return kept


def ending(told: Mapping[str, object]) -> dict[str, object]:
    """Return the summary as the row that stands in for a history."""
    row = summary_of(told)
    return {STEP: last_step(told) or 0, **row, CLOCK: as_number(row.get(CLOCK))}


def _command(machine: Mapping[str, object]) -> str:
    words = machine.get("args")
    given = [str(word) for word in cast("list[object]", words)] if isinstance(words, list) else []
    return " ".join([_text(machine.get("program")), *given]).strip()


def _within(tree: Mapping[str, object], key: str) -> dict[str, object]:
    value = tree.get(key)
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
