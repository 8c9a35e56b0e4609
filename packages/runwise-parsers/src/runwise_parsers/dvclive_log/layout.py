"""Where DVCLive puts what it logs, by version.

    dvclive/                    any name: Live(dir=...)
      plots/metrics/train/loss.tsv    the metric train/loss
      plots/images, plots/custom, plots/sklearn
      metrics.json              last values, nested at each "/" of a name
      params.yaml
    dvclive/plots/scalars/loss.tsv, dvclive/scalars/loss.tsv    0.x
    dvclive/loss.tsv            before that, with the last values in dvclive.json beside it

A table that lies anywhere else is left to the source of tables.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from runwise_parsers.values import as_number, leaves, loads

if TYPE_CHECKING:
    from collections.abc import Iterator

SUMMARY = "metrics.json"
PARAMS = "params.yaml"
_SUFFIX = ".tsv"
_PLACES = (("plots", "metrics"), ("plots", "scalars"), ("scalars",))
_AXES = frozenset({"step", "timestamp"})
_OTHERS = ("images", "custom", "sklearn")
_PEEK = 1 << 14
_TRIED = 3
_INDENTED = (b'{\n    "', b'{\r\n    "')


def curves_in(run: Path) -> list[tuple[str, Path]]:
    """Return metrics and their tables, by name."""
    for place in _PLACES:
        found = _tables_below(run.joinpath(*place))
        if found:
            return found
    old = run.name == "dvclive" or _is_file(_old_summary(run))
    return [one for one in _tables_below(run) if is_table(one[1])] if old else []


def has_curves(run: Path) -> bool:
    """Say whether a directory is laid out like one of DVCLive.

    A table is opened only where nothing else that DVCLive writes stands beside it.
    """
    for place in _PLACES[:2]:
        if any(_files_below(run.joinpath(*place))) and _is_file(run / SUMMARY):
            return True
    return any(is_table(table) for _, table in curves_in(run)[:_TRIED])


def run_above(table: Path) -> Path | None:
    """Return the run that a table belongs to by its place, ``None`` if it lies anywhere else."""
    parts = table.parts
    for place in _PLACES:
        for at in range(len(parts) - 1 - len(place), -1, -1):
            if parts[at : at + len(place)] == place:
                return Path(*parts[:at])
    return None


def is_table(path: Path) -> bool:
    """Say whether a file begins like a table: a step, perhaps a time, and one metric."""
    try:
        with path.open("rb") as file:
            header = file.readline(_PEEK).decode("utf-8", "replace").rstrip("\r\n")
    except OSError:
        return False
    names = header.split("\t")
    return "step" in names[:-1] and len(set(names) - _AXES) == 1


def is_summary(path: Path) -> bool:
    """Say whether a JSON file can be a summary: a step, other numbers, an indent of four."""
    try:
        with path.open("rb") as file:
            data = file.read(_PEEK)
        value = loads(data) if data.startswith(_INDENTED) else None
    except (OSError, ValueError):
        return False
    known = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    found = [one for _, one in leaves(known)]
    numbers = all(as_number(one) is not None for one in found)
    return type(known.get("step")) is int and len(found) > 1 and numbers


def summary_file(run: Path) -> Path:
    """Return the file with the last values: where it is, or where old versions put it."""
    new, old = run / SUMMARY, _old_summary(run)
    return old if _is_file(old) and not _is_file(new) else new


def others_in(run: Path) -> list[str]:
    """Return the folders of what was logged besides numbers."""
    return [f"plots/{name}" for name in _OTHERS if any(_files_below(run / "plots" / name, ""))]


def _old_summary(run: Path) -> Path:
    return run.with_name(f"{run.name}.json") if run.name else run / SUMMARY


def _tables_below(folder: Path) -> list[tuple[str, Path]]:
    """Return tables and the names of their metrics, which may hold slashes."""
    cut = -len(_SUFFIX)
    return sorted(
        (table.relative_to(folder).as_posix()[:cut], table) for table in _files_below(folder)
    )


def _files_below(folder: Path, suffix: str = _SUFFIX) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names if name.endswith(suffix))


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113  Path.is_file() raises for a closed directory
