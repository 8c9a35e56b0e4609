"""A W&B run's ``RunInfo``, from head and tail of its logs and from its side files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.wandb_log.segments import lay_out, newest_step
from runwise_parsers.wandb_log.sidecar import Sidecar
from runwise_parsers.wandb_log.told import Told, told_of
from runwise_parsers.wandb_log.writers import labels_of, writers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_parsers.source import Claim
    from runwise_parsers.wandb_log.description import Description

Writers = list[list[Told]]


def described(claim: Claim, sweep: str = "") -> RunInfo:
    """Return what a claim's directories say about their run.

    ``sweep`` is the one its project knows the run to be part of.
    """
    told = told_of(claim.paths)
    writers = writers_of(told)
    newest, state, exit_code = ended(writers)
    known = newest.description
    texts = _texts(writers)
    if not (texts.get("host") and known.command and known.created):
        _complete(texts, known, Sidecar(newest.directory))
    # Without a clock in the log, the run's start: a copied file's own time says nothing.
    clocks = [parts[-1].description.newest or parts[-1].begun or 0.0 for parts in writers]
    updated = max(clocks) or None
    steps = [step for step in map(_last_step, writers) if step is not None]
    forks = (one.description.branch for one in told if one.description.rewound is None)
    return RunInfo(
        "wandb",
        texts.get("id") or claim.key,
        name=texts.get("name", ""),
        state=state,
        created=next((one.begun for one in told if one.begun), None),
        updated=newest.modified if updated is None else updated,
        clocked=updated is not None,
        project=texts.get("project", ""),
        group=texts.get("group", ""),
        job_type=texts.get("job_type", ""),
        tags=next((one.description.tags for one in reversed(told) if one.description.tags), ()),
        notes=texts.get("notes", ""),
        sweep=texts.get("sweep") or sweep,
        commit=texts.get("commit", ""),
        command=known.command or texts.get("command", ""),
        host=texts.get("host", ""),
        segments=tuple(one.path for one in told),
        exit_code=exit_code,
        last_step=max(steps, default=None),
        parts=labels_of(writers) if len(writers) > 1 else (),
        gaps=tuple(one.gap for one in told if one.gap is not None),
        forked_from=next((str(branch) for branch in forks if branch is not None), ""),
    )


def _texts(writers: Writers) -> dict[str, str]:
    """Return what the logs say in words; the newest of the primary writer comes last."""
    texts: dict[str, str] = {}
    for parts in reversed(writers):
        for one in parts:
            texts |= {key: value for key, value in one.description.run.items() if value}
    return texts


def ended(writers: Writers) -> tuple[Told, str, int | None]:
    """Return the directory that says how a run stands, its state and its exit code.

    That is the primary writer's, unless another one is still at it or has failed.
    """
    stands = [(parts[-1], *_state(parts[-1])) for parts in writers]
    running = [one for one in stands if one[1] == "running"]
    failed = [one for one in stands if one[1] == "failed"] if stands[0][1] == "finished" else []
    return (running or failed or stands)[0]


def _last_step(parts: Sequence[Told]) -> float | None:
    """Return the newest step of one writer, ``None`` where no step or no row is recorded."""
    if len(parts) == 1:
        return parts[0].last_step
    logs = [one.log for one in parts if one.log is not None and not one.lost]
    if not logs:
        return parts[-1].last_step
    return None if any(log.lacks_steps() for log in logs) else newest_step(lay_out(logs))


def _state(newest: Told) -> tuple[str, int | None]:
    known = newest.description
    if known.exit_code is None and (newest.log is None or newest.gap is not None):
        from runwise_parsers.wandb_log.legacy import legacy_state  # noqa: PLC0415  few runs have no log

        return legacy_state(newest.directory)
    state = judge_state(
        known.exit_code,
        recorded=known.recorded,
        newest=known.newest,
        modified=newest.modified,
        now=time.time(),
    )
    return state, known.exit_code


def _complete(texts: dict[str, str], known: Description, beside: Sidecar) -> None:
    """Add what the log lacks from ``wandb-metadata.json``."""
    metadata = beside.metadata()
    for key in ("host", "program", "project", "displayName", "notes", "group"):
        value = metadata.get(key)
        if isinstance(value, str):
            texts.setdefault("name" if key == "displayName" else key, value)
    tags = metadata.get("tags")
    if isinstance(tags, list):
        told = (tag for tag in cast("list[object]", tags) if isinstance(tag, str))
        known.tags = known.tags or tuple(told)
    git = metadata.get("git")
    commit = cast("dict[str, object]", git).get("commit") if isinstance(git, dict) else None
    if isinstance(commit, str):
        texts.setdefault("commit", commit)
    args = metadata.get("args")
    words = [str(word) for word in cast("list[object]", args)] if isinstance(args, list) else []
    texts["command"] = " ".join([texts.get("program", ""), *words]).strip()
    known.created = known.created or clock_of(metadata.get("startedAt"))
