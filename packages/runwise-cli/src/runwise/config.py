"""Settings, read in one place: flag > environment > ``runwise.json`` > default.

``runwise.json`` is looked for in the project's directory and above it, up to the repository's
root. Every key of runwise 0.5 is accepted; a key nobody knows is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import orjson

from runwise.errors import BadSetting, near

FILE = "runwise.json"
USED = frozenset({"project_name", "wandb_dir", "logs_dir", "schema", "schema_inline"})
WAITING = frozenset({"downsample_interval", "wandb_project", "anomaly_detection"})
"""Keys of 0.5 that nothing reads yet."""
UNUSED = frozenset({"max_validation_history"})
"""Keys that 0.5 accepted and never used."""
SCHEMA_USED = frozenset({"loss_key", "primary_metric"})
SCHEMA_KEYS = SCHEMA_USED | {
    "step_key", "primary_metric_name", "groups", "per_step_pattern", "num_steps",
    "validation_sets", "custom_analyzers",
}  # fmt: skip
DIRECTORIES = {
    "wandb_dir": ("RUNWISE_WANDB_DIR", "WANDB_DIR"),
    "logs_dir": ("RUNWISE_LOGS_DIR",),
}
Tree = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force for one project.

    ``roots`` are the directories to look for runs in, the project's first. ``roles`` overrides
    the role of a metric by name. ``remarks`` are for ``-v``.
    """

    root: Path
    roots: tuple[Path, ...]
    project: str = ""
    primary: str = ""
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    remarks: tuple[str, ...] = ()


def read_settings(root: Path | None = None, env: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings for a project: the directory given, named, or the current one.

    Raises ``BadSetting`` where a directory or the file cannot be used.
    """
    base = root or Path(env.get("RUNWISE_PROJECT_ROOT") or ".")
    if not base.is_dir():
        source = "-C" if root else "RUNWISE_PROJECT_ROOT"
        raise BadSetting(f"{source} {base} is not a directory", "Name one that exists.")
    path = _file_above(base.absolute())
    tree: Tree = _read(path) if path else {}
    schema = _schema(tree, path)
    loss = _text(schema, "loss_key", path)
    remarks = [f"settings: {path}"] if path else []
    remarks += [f"{FILE}: {key} has no effect" for key in sorted(tree.keys() & (UNUSED | WAITING))]
    unread = schema.keys() - SCHEMA_USED
    remarks += [f"{FILE}: schema.{key} has no effect" for key in sorted(unread)]
    return Settings(
        root=base,
        roots=tuple(_roots(base, tree, path, env)),
        project=_text(tree, "project_name", path),
        primary=_text(schema, "primary_metric", path),
        roles={loss: "train_loss"} if loss else {},
        remarks=tuple(remarks),
    )


def _file_above(base: Path) -> Path | None:
    for folder in (base, *base.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        if (folder / ".git").exists():
            return None
    return None


def _read(path: Path) -> Tree:
    try:
        tree: object = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise BadSetting(f"{path} cannot be read: {error}", "Mend or remove it.") from error
    return _checked(tree, USED | WAITING | UNUSED, str(path))


def _schema(tree: Tree, path: Path | None) -> Tree:
    """Return the metric schema, inline or in a file of its own beside ``runwise.json``."""
    if path is None or not tree.keys() & {"schema", "schema_inline"}:
        return {}
    inline = tree.get("schema_inline")
    if inline is None:
        other = path.parent / _text(tree, "schema", path)
        try:
            inline = orjson.loads(other.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise BadSetting(f"{path}: schema: {error}", f"Mend {other}.") from error
    return _checked(inline, SCHEMA_KEYS, f"{path}: schema")


def _checked(tree: object, known: Iterable[str], where: str) -> Tree:
    """Return a mapping all of whose keys are known."""
    if not isinstance(tree, dict):
        raise BadSetting(f"{where} is not a JSON object", "Write {...} there.")
    found = cast("Tree", tree)
    for key in found.keys() - set(known):
        close = near(key, known, 1)
        hint = f"Did you mean {close[0]}?" if close else "Remove it."
        raise BadSetting(f"{where}: nobody knows the key {key!r}", hint)
    return found


def _text(tree: Tree, key: str, path: Path | None) -> str:
    value = tree.get(key) or ""
    if not isinstance(value, str):
        raise BadSetting(f"{path}: {key} is {value!r}, not a text", f"Write {key!r}: '...'.")
    return value


def _roots(base: Path, tree: Tree, path: Path | None, env: Mapping[str, str]) -> Iterable[Path]:
    """Yield the directories to look in; one inside another is not looked at twice."""
    yield base
    for key, variables in DIRECTORIES.items():
        given = next(((name, env[name]) for name in variables if env.get(name)), None)
        if given is None and path is not None and tree.get(key):
            given = f"{path}: {key}", str(path.parent / _text(tree, key, path))
        if given is None:
            continue
        folder = Path(given[1]).expanduser()
        if not folder.is_dir():
            if given[0] == "WANDB_DIR" or given[0].endswith(key):
                continue  # made by the first run; nothing to read yet
            raise BadSetting(f"{given[0]}={given[1]} is not a directory", "Name one that exists.")
        if base.resolve() not in (folder.resolve(), *folder.resolve().parents):
            yield folder
