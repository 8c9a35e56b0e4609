"""The runs in the parts of an export, from what Neptune itself noted of them (``sys/...``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from runwise_neptune.parts import Parts, clocks, steps, texts
from runwise_parsers import Gap, RunInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SINGLE = ("float", "int", "string", "bool", "datetime", "string_set")
VALUES = tuple(f"{kind}_value" for kind in SINGLE)
_SYS = "sys/"


@dataclass(slots=True)
class _Met:
    """What was met of a run so far."""

    project: str = ""
    told: dict[str, object] = field(default_factory=dict[str, object])
    last_step: float | None = None
    clocks: list[float] = field(default_factory=list[float])


def described(paths: Sequence[Path]) -> list[RunInfo]:
    """Return the runs in the parts; one that says why, where none can be read."""
    parts = Parts(paths)
    met: dict[str, _Met] = {}
    _single(parts, met)
    gaps = tuple(parts.gaps)
    _series(parts, met)
    gaps += tuple(gap for gap in parts.gaps if gap not in gaps)
    gaps += _missing(paths)
    if not met:
        return [RunInfo("neptune", "", segments=tuple(paths), gaps=gaps)]
    return [_info(run_id, one, tuple(paths), gaps) for run_id, one in met.items()]


def _single(parts: Parts, met: dict[str, _Met]) -> None:
    for batch in parts.batches(("project_id", "attribute_path", *VALUES), types=SINGLE):
        names = zip(texts(batch, "run_id"), texts(batch, "project_id"), strict=True)
        paths, kinds = texts(batch, "attribute_path"), texts(batch, "attribute_type")
        for row, (run_id, project) in enumerate(names):
            one = met.setdefault(run_id, _Met(project))
            if paths[row].startswith(_SYS):
                one.told[paths[row].removeprefix(_SYS)] = value_at(batch, kinds[row], row)


def _series(parts: Parts, met: dict[str, _Met]) -> None:
    columns = ("project_id", "attribute_path", "step", "timestamp")
    for batch in parts.batches(columns, types=("float_series",)):
        ids, projects, names = (
            texts(batch, name) for name in ("run_id", "project_id", "attribute_path")
        )
        points = zip(ids, projects, names, steps(batch), clocks(batch), strict=True)
        for run_id, project, name, step, clock in points:
            one = met.setdefault(run_id, _Met(project))
            if step is not None and not name.startswith("monitoring/"):
                one.last_step = step if one.last_step is None else max(one.last_step, step)
            if clock is not None:
                one.clocks = [min([clock, *one.clocks]), max([clock, *one.clocks])]


def value_at(batch: object, kind: str, row: int) -> object:
    """Return a single value as JSON could hold it."""
    value: object = batch[f"{kind}_value"][row].as_py()  # type: ignore[index]
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or timezone.utc).isoformat()
    return sorted(map(str, value)) if isinstance(value, list) else value


def _info(run_id: str, met: _Met, paths: tuple[Path, ...], gaps: tuple[Gap, ...]) -> RunInfo:
    told = met.told
    created, updated = _clock(told.get("creation_time")), _clock(told.get("modification_time"))
    tags = told.get("tags")
    return RunInfo(
        "neptune",
        run_id,
        name=_text(told.get("name")) or _text(told.get("custom_run_id")),
        state=_state(told.get("failed")),
        created=created if created is not None else min(met.clocks, default=None),
        updated=max([*met.clocks, *(one for one in (updated,) if one is not None)], default=None),
        project=met.project,
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        notes=_text(told.get("description")),
        host=_text(told.get("hostname")),
        segments=paths,
        last_step=met.last_step,
        deleted=told.get("trashed") is True,
        gaps=gaps,
    )


def _state(failed: object) -> str:
    """Return how a run ended: Neptune noted whether it failed; what is exported has ended."""
    if not isinstance(failed, bool):
        return "unknown"
    return "failed" if failed else "finished"


def _missing(paths: Sequence[Path]) -> tuple[Gap, ...]:
    """Return the parts that are not there: they are numbered from 0."""
    known = {int(path.stem.rpartition("_")[2]) for path in paths}
    lacking = sorted(set(range(max(known, default=0))) - known)
    if not lacking:
        return ()
    names = ", ".join(map(str, lacking[:5]))
    return (Gap(f"part {names} of the export", "the file is not there", "Export the run anew."),)


def _clock(value: object) -> float | None:
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
