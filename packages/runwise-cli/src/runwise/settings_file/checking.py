"""Settings held against their JSON Schema: every error names path, value, and what to write."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

from runwise.errors import BadSetting, near, short

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = Path(__file__).parent / "runwise.schema.json"
WRITTEN: dict[str, tuple[type, str, str]] = {
    "string": (str, "a text", '"..."'),
    "integer": (int, "a whole number", "a whole number"),
    "boolean": (bool, "true or false", "true or false"),
    "object": (dict, "a JSON object", "{...}"),
    "array": (list, "a list", "[...]"),
}
Tree = dict[str, Any]


@cache
def schema() -> Tree:
    """Return the JSON Schema of ``runwise.json``."""
    return cast("Tree", orjson.loads(SCHEMA.read_bytes()))


def check(value: Any, where: str, rule: Mapping[str, Any] | None = None, path: str = "") -> None:
    """Raise ``BadSetting`` for what the schema does not allow; ``where`` is the file's name."""
    rule = _followed(schema() if rule is None else rule)
    kind, called, example = WRITTEN.get(rule.get("type", ""), (object, "", ""))
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        said = f"{where}: {path}" if path else where
        name = path.rpartition(".")[2]
        plain = bool(name) and "[" not in name and kind is not dict
        remedy = f'Write "{name}": {example}.' if plain else f"Write {example} there."
        what = "not" if kind is dict else f"{short(_text(value))}, not"
        raise BadSetting(f"{said} is {what} {called}", remedy)
    if isinstance(value, int) and value < rule.get("minimum", value):
        least = rule["minimum"]
        raise BadSetting(f"{where}: {path} is {value}, below {least}", f"Write {least} or more.")
    if isinstance(value, str) and rule.get("format") == "number-format":
        _try_format(value, where, path)
    if isinstance(value, dict):
        _check_object(cast("Tree", value), where, rule, path)
    elif isinstance(value, list) and "items" in rule:
        for number, item in enumerate(cast("list[object]", value)):
            check(item, where, rule["items"], f"{path}[{number}]")


def _check_object(tree: Tree, where: str, rule: Mapping[str, Any], path: str) -> None:
    known: Mapping[str, Any] = rule.get("properties", {})
    others = rule.get("additionalProperties", True)
    for key in sorted(tree.keys() - known.keys(), key=str):
        if others is False:
            close = near(key, known, 1)
            hint = f"Did you mean {close[0]}?" if close else "Remove it."
            place = f"{where}: {path}" if path else where
            raise BadSetting(f"{place}: nobody knows the key '{short(key)}'", hint)
    for name in rule.get("required", ()):
        if name not in tree:
            raise BadSetting(f"{where}: {path} has no {name}", f'Write "{name}": "..." there.')
    for key, value in tree.items():
        inner = known.get(key, others if isinstance(others, dict) else None)
        if inner is not None:
            check(value, where, inner, f"{path}.{key}" if path else key)


def _followed(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(rule.get("$ref", "")).rpartition("/")[2]
    return schema()["$defs"][name] if name else rule


def _try_format(text: str, where: str, path: str) -> None:
    try:
        format(0.5, text)
    except ValueError as error:
        problem = f"{where}: {path} is {short(text)}, no format of a number"
        raise BadSetting(problem, "Write .4f, .1% or ,.0f.") from error


def _text(value: object) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return str(value)
