"""What a run tracked, through the aim package.

Aim locks, migrates and indexes a repository it opens. It is shown a copy of the one run instead,
in a directory of its own, so that nothing beside the run is touched.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from shutil import copyfile, copytree
from tempfile import TemporaryDirectory
from typing import Any

MACHINE = "__system__"
"""How the names of Aim's own measurements begin."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """One metric in one context."""

    name: str
    steps: list[float]
    values: list[float]
    times: list[float]


def tracked(repository: Path, run_id: str) -> tuple[dict[str, object], list[Tracked]]:
    """Return the parameters and the metrics of a run.

    Raises ``ImportError`` without the aim package, ``OSError`` where the run cannot be read.
    """
    os.environ.setdefault("AIM_UI_TELEMETRY_ENABLED", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        aim: Any = import_module("aim")  # an extra, and it takes a second

    with TemporaryDirectory(prefix="runwise-aim-") as scratch:
        _copy(repository, Path(scratch) / ".aim", run_id)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = aim.Run(run_id, repo=aim.Repo(scratch), read_only=True)
            found = [run.get_metric(name, context) for name, context, _ in run.iter_metrics_info()]
            return _parameters(run), [_curve(metric) for metric in found if metric is not None]


def _copy(repository: Path, copy: Path, run_id: str) -> None:
    copy.mkdir()
    for name in ("run_metadata.sqlite", "VERSION"):
        copyfile(repository / name, copy / name)
    for name in (f"meta/chunks/{run_id}", f"seqs/chunks/{run_id}"):
        copytree(repository / name, copy / name)


def _parameters(run: Any) -> dict[str, object]:
    found: dict[str, object] = run.get(..., {}, resolve_objects=False)
    return {name: value for name, value in found.items() if not name.startswith("__")}


def _curve(metric: Any) -> Tracked:
    steps, (values, _, clocks) = metric.data.items_list()  # the other column is the epoch
    rows = sorted(zip(steps, values, clocks, strict=True))
    name = _called(metric.name, metric.context.to_dict())
    return Tracked(name, *([float(row[column]) for row in rows] for column in range(3)))


def _called(name: str, context: dict[str, object]) -> str:
    """Return a metric's name with its context.

    >>> _called("loss", {"subset": "val"}), _called("loss", {"rank": 0})
    ('val/loss', 'loss[rank=0]')
    """
    others = ",".join(f"{key}={value}" for key, value in context.items() if key != "subset")
    name += f"[{others}]" if others else ""
    return f"{context['subset']}/{name}" if "subset" in context else name
