"""What was wrong with a call, in the words of tools and arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from runwise.errors import near

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
LONGEST = 4_000
"""Characters of an argument: a reference of a run, a list of metrics, a filter."""


def complaint(given: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return what is wrong with the arguments of a call, empty if nothing is.

    >>> complaint({"limmit": 9}, {"properties": {"limit": {}, "run": {}}})
    "unknown argument 'limmit'; did you mean 'limit'? Arguments: limit, run"
    """
    known = cast("Mapping[str, Mapping[str, Any]]", schema.get("properties", {}))
    for name, value in given.items():
        if name not in known:
            close = near(name, known, 1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            return f"unknown argument '{_short(name)}'; {hint}Arguments: {', '.join(known)}"
        wrong = _wrong(name, value, known[name])
        if wrong:
            return wrong
    missing = [name for name in schema.get("required", ()) if name not in given]
    return f"{missing[0]} is missing. Arguments: {', '.join(known)}" if missing else ""


def lenient(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as a schema means them: lists as words, numbers as text, text as numbers.

    >>> lenient({"runs": ["a", "b"], "limit": "5"}, {"properties": {
    ...     "runs": {"type": "string"}, "limit": {"type": "integer"}}})
    {'runs': 'a,b', 'limit': 5}
    """
    known = cast("Mapping[str, Mapping[str, Any]]", schema.get("properties", {}))
    return {
        name: _meant(value, str(known.get(name, {}).get("type", "")))
        for name, value in given.items()
        if value is not None
    }


def _meant(value: Any, kind: str) -> Any:
    if kind == "string" and isinstance(value, list):
        return ",".join(map(str, cast("list[Any]", value)))
    if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if kind in ("integer", "number") and isinstance(value, str):
        try:
            return int(value) if kind == "integer" else float(value)
        except ValueError:
            return value
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _wrong(name: str, value: Any, schema: Mapping[str, Any]) -> str:
    """Return what is wrong with one value."""
    kind = schema.get("type", "")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in KINDS and (
        not isinstance(value, KINDS[kind]) or (kind in ("integer", "number") and not is_number)
    ):
        return f"{name} must be a {kind}, not {_short(repr(value))}"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{name} has {len(value)} characters, at most {LONGEST} are read"
    if "enum" in schema and value not in schema["enum"]:
        return f"{name} must be one of {', '.join(schema['enum'])}, not {_short(repr(value))}"
    low, high = schema.get("minimum"), schema.get("maximum")
    if is_number and ((low is not None and value < low) or (high is not None and value > high)):
        return f"{name} must be {low} to {high}, not {value}"
    return "" if not is_number or value == value else f"{name} must be a number"  # noqa: PLR0124 - NaN


def _short(text: str) -> str:
    from runwise_format.safety import clean  # noqa: PLC0415 - only a wrong call needs it

    return clean(text, 40)
