"""What DVCLive keeps beside its tables: the last values, and the parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.values import as_number, loads
from runwise_parsers.whole_file import read_whole
from runwise_parsers.yaml_text import load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST = 1 << 18
_TOO_DEEP = 64
_MOST = 100_000
"""Values that are taken out of a YAML file: its anchors can make billions of a few lines."""


def last_values(path: Path) -> dict[str, object]:
    """Return the last values by metric, the step among them; nothing if they cannot be read.

    They are written anew at each step, so a file that is cut says nothing the tables do not.
    """
    try:
        value = loads(read_whole(path))
    except (OSError, ValueError):
        return {}
    found = _flat(cast("dict[str, object]", value), "", 0) if isinstance(value, dict) else ()
    numbers = ((name, as_number(one), one) for name, one in found)
    return {name: one if number is None else number for name, number, one in numbers}


def params_in(path: Path) -> tuple[dict[str, object], Gap | None]:
    """Return the parameters as plain data, and what could not be read of them."""
    try:
        value = load_yaml(_text_in(path))
        plain = _plain(value, [0], 0)
    except FileNotFoundError:
        return {}, None
    except OSError as error:
        return {}, unreadable(path.name, error)
    except ValueError as error:
        return {}, Gap(path.name, str(error), "The curves do not need it.")
    return (cast("dict[str, object]", plain) if isinstance(plain, dict) else {}), None


def _text_in(path: Path) -> str:
    data = read_whole(path, _LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError("it is too large")
    return data.decode("utf-8", "replace")


def _flat(value: dict[str, object], above: str, depth: int) -> Iterator[tuple[str, object]]:
    """Yield leaves under names joined as DVCLive took them apart: at slashes."""
    for key, inner in value.items():
        name = f"{above}/{key}" if above else key
        if isinstance(inner, dict) and depth < _TOO_DEEP:
            yield from _flat(cast("dict[str, object]", inner), name, depth + 1)
        else:
            yield name, inner


def _plain(value: object, count: list[int], depth: int) -> object:
    """Return YAML as JSON could hold it. Raises ``ValueError`` where there is too much of it."""
    count[0] += 1
    if count[0] > _MOST or depth > _TOO_DEEP:
        raise ValueError("it is too large")
    if isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        return {str(key): _plain(inner, count, depth + 1) for key, inner in pairs}
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner, count, depth + 1) for inner in cast("list[object]", value)]
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
