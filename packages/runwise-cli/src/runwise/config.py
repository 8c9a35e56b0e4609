"""Settings, read in one place: flag > environment > ``runwise.json`` > default.

``runwise.json``, or ``[tool.runwise]`` in pyproject.toml, is looked for in the project's
directory and above it, up to the repository's root. Every key of runwise 0.5 is accepted; a key
nobody knows is an error.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from runwise.errors import BadSetting
from runwise.paths import is_file, is_folder, shown
from runwise.settings_file.locating import FILE, located

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runwise.settings_file.metric_schema import MetricSchema

UNUSED = frozenset({"max_validation_history"})
"""Keys that 0.5 accepted and never used."""
DIRECTORIES = {
    "wandb_dir": ("RUNWISE_WANDB_DIR", "WANDB_DIR"),
    "logs_dir": ("RUNWISE_LOGS_DIR",),
    "": ("TRACKIO_DIR", "MLFLOW_TRACKING_URI"),
}
"""Directories by their key, and the variables that name one in its place, the first wins."""
DEFAULT_INTERVAL = 1000
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force for one project.

    ``roots`` are the directories to look for runs in, the project's first. ``roles`` overrides
    the role of a metric by name, ``wishes`` how trouble is looked for, see
    ``runwise_detect.settings``; ``schema`` is what the project calls its metrics, where it says
    so. ``remarks`` are for ``-v``, ``origins`` say where each setting comes from.
    """

    root: Path
    roots: tuple[Path, ...]
    project: str = ""
    primary: str = ""
    primary_name: str = ""
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    wishes: Mapping[str, object] = field(default_factory=dict[str, object])
    schema: MetricSchema | None = None
    interval: int = DEFAULT_INTERVAL
    wandb_project: str = ""
    remarks: tuple[str, ...] = ()
    origins: tuple[tuple[str, str, str], ...] = ()


def read_settings(
    root: Path | None = None, env: Mapping[str, str] = os.environ, *, above: bool = True
) -> Settings:
    """Return the settings for a project: the directory given, named, or the current one.

    A file of runs is a project, too. ``above=False`` looks for ``runwise.json`` in that
    directory only.

    Raises ``BadSetting`` where a directory or the file cannot be used.
    """
    base = root or Path(env.get("RUNWISE_PROJECT_ROOT") or ".")
    if not is_folder(base) and not is_file(base):
        source = "-C" if root else "RUNWISE_PROJECT_ROOT"
        raise BadSetting(f"{source} {shown(base)} is not a directory", "Name one that exists.")
    path, tree = located(base.absolute(), above=above)
    schema, written = _schema(tree, path)
    roots = tuple(_roots(base, tree, path, env))
    remarks = [f"settings: {path}"] if path else []
    remarks += [f"{FILE}: {key} has no effect" for key in sorted(tree.keys() & UNUSED)]
    remarks += [f"{FILE}: schema.custom_analyzers has no effect"] * ("custom_analyzers" in written)
    return Settings(
        root=base,
        roots=roots,
        project=tree.get("project_name", ""),
        primary=written.get("primary_metric", ""),
        primary_name=written.get("primary_metric_name", ""),
        roles=_roles(written, schema),
        wishes=_wishes(tree, path),
        schema=schema,
        interval=tree.get("downsample_interval", DEFAULT_INTERVAL),
        wandb_project=tree.get("wandb_project", ""),
        remarks=tuple(remarks),
        origins=tuple(_origins(base, root, tree, path, env)),
    )


def _wishes(tree: Tree, path: Path | None) -> Mapping[str, object]:
    """Return how trouble is to be looked for, which has been tried."""
    wishes = tree.get("anomaly_detection")
    if not wishes:
        return {}
    from runwise_detect.settings import detectors  # noqa: PLC0415 - few projects say so

    try:
        detectors(wishes)
    except ValueError as error:
        where = f"{shown(path or Path(FILE))}: anomaly_detection"
        raise BadSetting(f"{where}: {error}", "See: runwise explain") from error
    return wishes


def _schema(tree: Tree, path: Path | None) -> tuple[MetricSchema | None, Tree]:
    """Return the metric schema, inline or in a file of its own, and what it says itself."""
    if path is None or not tree.keys() & {"schema", "schema_inline"}:
        return None, {}
    from runwise.settings_file.metric_schema import schema_of  # noqa: PLC0415 - few have one

    if "schema_inline" in tree:
        written = tree["schema_inline"]
        return schema_of(written, f"{shown(path)}: schema_inline"), written
    other = path.parent / tree["schema"]
    from runwise.settings_file.locating import read_json  # noqa: PLC0415 - few have two files

    called = f"{shown(path)}: schema {shown(other)}"
    written = read_json(other, called)
    return schema_of(written, called), written


def _roles(written: Tree, schema: MetricSchema | None) -> dict[str, str]:
    """Return the roles that the schema gives metrics: by name, or by which end is better."""
    found: dict[str, str] = {}
    for group in schema.groups if schema else ():
        for name, style in group.metrics.items():
            role = _role(name, style.get("higher_is_better"))
            found |= {name: role} if role else {}
    for key, role in (("loss_key", "train_loss"), ("step_key", "step")):
        if written.get(key) and written[key] != "_step":
            found[written[key]] = role
    return found


def _role(name: str, higher_is_better: bool | None) -> str:  # noqa: FBT001 - as it is written
    """Return a role that says which end of a metric is better, empty where its name does."""
    if higher_is_better is None:
        return ""
    from runwise_detect.roles import better  # noqa: PLC0415 - few projects say so

    end = "max" if higher_is_better else "min"
    return "" if better(name) == end else "score" if higher_is_better else "error"


def _roots(base: Path, tree: Tree, path: Path | None, env: Mapping[str, str]) -> Iterator[Path]:
    """Yield the directories to look in; one inside another is not looked at twice."""
    yield base
    if is_file(base):
        return
    for key, variables in DIRECTORIES.items():
        names = [name for name in variables if env.get(name)]
        for name in names[:1] if key else names:
            yield from _named_by(name, env[name], base)
        written = tree.get(key, "")
        if not names and path and written:
            yield from _unwalked(path.parent / Path(written).expanduser(), base)


def _named_by(name: str, value: str, base: Path) -> Iterator[Path]:
    """Yield the directory a variable names; one of ours must be there."""
    if name == "MLFLOW_TRACKING_URI":
        place = _mlflow(value)
        if place is not None and (is_file(place) or is_folder(place)):
            yield from _unwalked(place, base)
        return
    folder = Path(value).expanduser()
    if not is_folder(folder) and name.startswith("RUNWISE"):
        raise BadSetting(f"{name}={value} is not a directory", "Name one that exists.")
    yield from _unwalked(folder, base)


def _mlflow(address: str) -> Path | None:
    """Return the file or directory of a tracking store, ``None`` for a server."""
    parts = urlsplit(address)
    if parts.scheme == "sqlite":  # sqlite:///relative, sqlite:////absolute
        return Path(unquote(parts.path[1:]))
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return None if "://" in address else Path(address)


def _unwalked(folder: Path, base: Path) -> Iterator[Path]:
    """Yield a place that is there and that a walk of ``base`` does not meet."""
    if (is_folder(folder) or is_file(folder)) and not _walked(base.resolve(), folder.resolve()):
        yield folder


def _walked(base: Path, folder: Path) -> bool:
    """Say whether a walk of ``base`` meets ``folder``: hidden directories are passed over."""
    if base not in (folder, *folder.parents):
        return False
    return not any(part.startswith(".") for part in folder.relative_to(base).parts)


def _origins(
    base: Path, root: Path | None, tree: Tree, path: Path | None, env: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield each setting, its value and where it comes from."""
    named = "-C" if root else "RUNWISE_PROJECT_ROOT" if env.get("RUNWISE_PROJECT_ROOT") else ""
    yield "project_root", str(base), named or "default"
    variables = {name for names in DIRECTORIES.values() for name in names} | {"RUNWISE_FORMAT"}
    for name in sorted(variables & env.keys()):
        if env[name]:
            yield name, env[name], "environment"
    for key, value in tree.items():
        inner: Tree = cast("Tree", value) if isinstance(value, dict) else {"": value}
        for name, leaf in inner.items():
            yield f"{key}.{name}" if name else key, str(leaf), shown(path) if path else ""
