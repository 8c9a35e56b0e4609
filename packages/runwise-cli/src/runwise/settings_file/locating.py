"""Where a project's settings stand: ``runwise.json``, or ``[tool.runwise]`` in pyproject.toml.

The nearest directory at or above the project's that has one wins, up to the repository's root;
of the two in one directory ``runwise.json``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import orjson

from runwise.errors import BadSetting
from runwise.paths import is_file, shown
from runwise.settings_file.checking import check

if TYPE_CHECKING:
    from pathlib import Path

FILE = "runwise.json"
PYPROJECT = "pyproject.toml"
TABLE = b"[tool.runwise"
MARK = b"\xef\xbb\xbf"
"""Which editors of Windows write before the first character."""
Tree = dict[str, Any]


def located(base: Path, *, above: bool) -> tuple[Path | None, Tree]:
    """Return the file with the settings of a project, and what it says; checked.

    Raises ``BadSetting`` for a file that cannot be read, and for what it may not say.
    """
    for folder in (base, *base.parents) if above else (base,):
        for name, read in ((FILE, read_json), (PYPROJECT, _toml)):
            path = folder / name
            there = is_file(path)
            tree = read(path) if there else None
            if tree is not None or (there and name == FILE):  # a file that says null says nothing
                check(tree, shown(path))
                return path, tree or {}
        if (folder / ".git").exists():
            break
    return None, {}


def read_json(path: Path, called: str = "") -> Tree:
    """Return what a JSON file says, which errors may call otherwise. Raises ``BadSetting``."""
    try:
        return cast("Tree", orjson.loads(path.read_bytes().removeprefix(MARK)))
    except (OSError, orjson.JSONDecodeError) as error:
        problem = f"{called or shown(path)} cannot be read: {error}"
        raise BadSetting(problem, "Mend or remove it.") from error


def _toml(path: Path) -> Tree | None:
    """Return the table of ours, ``None`` where there is none: then the file is none of ours."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if TABLE not in data:
        return None
    reader = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        tree: Any = reader.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise BadSetting(f"{shown(path)} cannot be read: {error}", "Mend it.") from error
    return tree.get("tool", {}).get("runwise")
