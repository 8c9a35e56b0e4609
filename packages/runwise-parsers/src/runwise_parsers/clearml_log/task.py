"""What ``task.json`` says of a session: one JSON object, written anew whenever it changes.

    {"id": "offline-c386...", "name": "first", "project_name": "toy/sub", "type": "training",
     "comment": "...", "tags": [...], "hyperparams": {"General": {"model/depth":
     {"name": "model/depth", "section": "General", "type": "int", "value": "3"}}, "Args": {...}},
     "configuration": {"model": {"name", "type", "value": "HOCON or YAML"}},
     "script": {"binary", "entry_point", "version_num", "branch", "diff", "requirements"}}

All values are texts that say their type. How a task ended is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.archive_log.nested import nested

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DEFAULT = "General"
_LEFT_OUT = frozenset({"Environment"})
"""Sections that are no choice of the run: a copy of the environment, secrets included."""
_TYPES: dict[str, Callable[[str], object]] = {
    "int": int,
    "float": float,
    "bool": lambda text: {"true": True, "false": False}.get(text.lower(), text),
}


def config_of(task: Mapping[str, object]) -> dict[str, object]:
    """Return the hyperparameters as they were connected, by section unless it is the default."""
    pairs: dict[str, object] = {}
    for section, params in tree(task.get("hyperparams")).items():
        above = "" if section == _DEFAULT else f"{section}/"
        if section not in _LEFT_OUT:
            pairs |= {above + name: _value(tree(one)) for name, one in tree(params).items()}
    objects = {
        name: tree(one).get("value") for name, one in tree(task.get("configuration")).items()
    }
    return nested(pairs, "/") | ({"configuration": objects} if objects else {})


def command_of(task: Mapping[str, object]) -> str:
    """Return what was run: ``python3.11 train.py``."""
    script = tree(task.get("script"))
    words = [text(script.get("binary")), text(script.get("entry_point"))]
    return " ".join(filter(None, words)) if words[-1] else ""


def tree(value: object) -> Mapping[str, object]:
    """Return an object of JSON, an empty one where there is none."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def text(value: object) -> str:
    """Return a text, an empty one where there is none."""
    return value if isinstance(value, str) else ""


def _value(param: Mapping[str, object]) -> object:
    value = param.get("value")
    convert = _TYPES.get(text(param.get("type")))
    if convert is None or not isinstance(value, str):
        return value
    try:
        return convert(value)
    except ValueError:
        return value
