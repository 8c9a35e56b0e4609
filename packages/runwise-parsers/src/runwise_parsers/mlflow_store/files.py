"""MLflow's file store: a run as a directory of small files.

    mlruns/<experiment id>/meta.yaml             name, lifecycle_stage
    mlruns/<experiment id>/<run id>/
      meta.yaml                                  status, start_time, end_time (ms), run_name, ...
      metrics/<name>                             a line for each point (see metric_file)
      params/<name>, tags/<name>                 one text each
      artifacts/
    mlruns/.trash/<experiment id>/               a deleted experiment

A name with a slash is a path.
"""

from __future__ import annotations

import os
from functools import lru_cache
from stat import S_ISREG
from typing import TYPE_CHECKING, cast

from runwise_parsers.lines import last_lines
from runwise_parsers.mlflow_store.columns import Column
from runwise_parsers.mlflow_store.metric_file import take
from runwise_parsers.mlflow_store.names import META, METRICS, RUN_ID, TAGS, TRASH
from runwise_parsers.mlflow_store.records import DELETED, PARENT, RUN_NAME, SYSTEM, Record, seconds
from runwise_parsers.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_TEXT = 1 << 16
_LOOKED_AT = 8
_END = 1 << 12


def record_of(run: Path) -> Record:
    """Return what a run's files say, without reading its metrics but for their ends."""
    meta = meta_of(run)
    experiment = _meta_at(run.parent)
    tags = texts(run / TAGS)
    parent = tags.get(PARENT, "")
    step, clock = _newest(run / METRICS)
    named = None if RUN_ID.fullmatch(run.name) else meta.get("run_id") or meta.get("run_uuid")
    gone = DELETED in (meta.get("lifecycle_stage"), experiment.get("lifecycle_stage"))
    return Record(
        str(named or run.name),
        _text(meta, "status"),
        _text(meta, "run_name") or _text(meta, "name"),
        _text(experiment, "name") or run.parent.name,
        seconds(meta.get("start_time")),
        seconds(meta.get("end_time")),
        clock,
        step,
        deleted=gone or run.parent.parent.name == TRASH,
        group=_called(run.parent / parent) if parent else "",
        script=_text(meta, "source_name"),
        entry=_text(meta, "entry_point_name"),
        tags=tags,
    )


def meta_of(folder: Path) -> dict[str, object]:
    """Return what a ``meta.yaml`` says, nothing where it cannot be read."""
    try:
        found = load_yaml(text_of(folder / META) or "")
    except ValueError:
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def text_of(path: Path) -> str | None:
    """Return a small text, ``None`` where there is none."""
    try:
        if not S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            return file.read(_LARGEST_TEXT).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def texts(folder: Path) -> dict[str, str]:
    """Return the texts below a folder under the names of their files."""
    found = ((name, text_of(path)) for name, path in sorted(paths(folder).items()))
    return {name: text for name, text in found if text is not None}


def paths(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by their names, parts joined by a slash; no links."""
    found: dict[str, Path] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = folder.__class__(place, name)
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path
    return found


def _newest(folder: Path) -> tuple[float | None, float | None]:
    """Return highest step and newest clock at the ends of the longest metrics."""
    sized: list[tuple[int, str, Path]] = []
    for name, path in paths(folder).items():
        try:
            sized.append((path.stat().st_size, name, path))
        except OSError:
            continue
    steps: list[float] = []
    clocks: list[float] = []
    for _, name, path in sorted(sized, reverse=True)[:_LOOKED_AT]:
        column = Column()
        try:
            take(last_lines(path, _END).split(b"\n")[:-1], column)
        except OSError:
            continue
        if column.steps and not name.startswith(SYSTEM):
            steps.append(max(column.steps))
        clocks += column.times[-1:]
    return max(steps, default=None), max(clocks, default=None)


def _called(run: Path) -> str:
    """Return a run's name, its id where it has none."""
    tag = text_of(run / TAGS / RUN_NAME)
    return tag or _text(meta_of(run), "run_name") or run.name


def _meta_at(folder: Path) -> dict[str, object]:
    """Return the ``meta.yaml`` of an experiment; all its runs ask for the same one."""
    try:
        stat = (folder / META).stat()
    except OSError:
        return {}
    return _known_meta(folder, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=64)
def _known_meta(folder: Path, _stamp: tuple[int, int]) -> dict[str, object]:
    return meta_of(folder)


def _text(meta: dict[str, object], key: str) -> str:
    value = meta.get(key)
    return "" if value is None or isinstance(value, (dict, list)) else str(value)
