"""Settings, read in one place: flag > environment > ``runwise.json`` > default.

``runwise.json`` is looked for in the project's directory and above it, up to the repository's
root. Every key of runwise 0.5 is accepted; a key nobody knows is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import orjson

from runwise.errors import BadSetting, near, short
from runwise.paths import is_file, is_folder

FILE = "runwise.json"
LONGEST_PATH = 60
USED = frozenset(
    {"project_name", "wandb_dir", "logs_dir", "schema", "schema_inline", "anomaly_detection"}
)
WAITING = frozenset({"downsample_interval", "wandb_project"})
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
    the role of a metric by name, ``wishes`` how trouble is looked for, see
    ``runwise_detect.settings``. ``remarks`` are for ``-v``.
    """

    root: Path
    roots: tuple[Path, ...]
    project: str = ""
    primary: str = ""
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    wishes: Mapping[str, object] = field(default_factory=dict[str, object])
    remarks: tuple[str, ...] = ()


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
        raise BadSetting(f"{source} {_shown(base)} is not a directory", "Name one that exists.")
    path = _file_above(base.absolute(), above=above)
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
        wishes=_wishes(tree, path),
        remarks=tuple(remarks),
    )


def _wishes(tree: Tree, path: Path | None) -> Mapping[str, object]:
    """Return how trouble is to be looked for, which has been tried."""
    wishes = tree.get("anomaly_detection")
    if not wishes:
        return {}
    from runwise_detect.settings import detectors  # noqa: PLC0415 - few projects say so

    where = f"{_shown(path)}: anomaly_detection"
    if not isinstance(wishes, dict):
        raise BadSetting(f"{where} is not a JSON object", "Write {...} there.")
    try:
        detectors(cast("Tree", wishes))
    except ValueError as error:
        raise BadSetting(f"{where}: {error}", "See: runwise explain") from error
    return cast("Tree", wishes)


def _shown(path: Path | None) -> str:
    """Return a path as an error names it: from here, if that is shorter."""
    names = [str(path)]
    with suppress(ValueError, OSError):  # another drive, or a directory that is gone
        names.append(os.path.relpath(path or "."))
    return short(min(names, key=len), LONGEST_PATH)


def _file_above(base: Path, *, above: bool) -> Path | None:
    for folder in (base, *base.parents) if above else (base,):
        if (folder / FILE).is_file():
            return folder / FILE
        if (folder / ".git").exists():
            return None
    return None


def _read(path: Path) -> Tree:
    try:
        tree: object = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise BadSetting(
            f"{_shown(path)} cannot be read: {error}", "Mend or remove it."
        ) from error
    return _checked(tree, USED | WAITING | UNUSED, _shown(path))


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
            raise BadSetting(f"{FILE}: schema: {error}", f"Mend {_shown(other)}.") from error
    return _checked(inline, SCHEMA_KEYS, f"{_shown(path)}: schema")


def _checked(tree: object, known: Iterable[str], where: str) -> Tree:
    """Return a mapping all of whose keys are known."""
    if not isinstance(tree, dict):
        raise BadSetting(f"{where} is not a JSON object", "Write {...} there.")
    found = cast("Tree", tree)
    for key in sorted(found.keys() - set(known)):
        close = near(key, known, 1)
        hint = f"Did you mean {close[0]}?" if close else "Remove it."
        raise BadSetting(f"{where}: nobody knows the key '{short(key)}'", hint)
    return found


def _text(tree: Tree, key: str, path: Path | None) -> str:
    value = tree.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        said = short(str(value))
        raise BadSetting(f"{_shown(path)}: {key} is {said}, not a text", f'Write "{key}": "...".')
    return value


def _roots(base: Path, tree: Tree, path: Path | None, env: Mapping[str, str]) -> Iterable[Path]:
    """Yield the directories to look in; one inside another is not looked at twice."""
    yield base
    if is_file(base):
        return
    for key, variables in DIRECTORIES.items():
        name = next((name for name in variables if env.get(name)), "")
        written = _text(tree, key, path)  # read even where a variable wins: it may be wrong
        if not name and not (path and written):
            continue
        folder = Path(env[name] if name or path is None else path.parent / written).expanduser()
        if not is_folder(folder):
            if not name.startswith("RUNWISE"):
                continue  # made by the first run; nothing to read yet
            raise BadSetting(f"{name}={env[name]} is not a directory", "Name one that exists.")
        if not _walked(base.resolve(), folder.resolve()):
            yield folder


def _walked(base: Path, folder: Path) -> bool:
    """Say whether a walk of ``base`` meets ``folder``: hidden directories are passed over."""
    if base not in (folder, *folder.parents):
        return False
    return not any(part.startswith(".") for part in folder.relative_to(base).parts)
