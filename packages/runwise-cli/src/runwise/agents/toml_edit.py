"""One table put at the end of a TOML file, between two marks, and taken out again.

    [mcp_servers.other]
    ...

    # >>> runwise: written by runwise agent install >>>
    [mcp_servers.runwise]
    command = "runwise-mcp"
    # <<< runwise <<<

A table may stand at the end of a file whatever is above it, so nothing else has to move. The
line break before the first mark is ours; where no file was, the mark is its beginning.

Codex drops the comments around its servers when it writes the file itself, and the marks with
them: then the table is found by its name.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from typing import Any

BEGIN = "# >>> runwise: written by runwise agent install >>>"
END = "# <<< runwise <<<"
_BLOCK = re.compile(
    rf"(?P<before>\r?\n)?{re.escape(BEGIN)}\r?\n(?P<body>.*?){re.escape(END)}(?:\r?\n|\Z)",
    re.DOTALL,
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class TomlError(ValueError):
    """The text is no TOML, or names the server where no edit reaches it."""


def entries(text: str, section: str) -> dict[str, Any]:
    """Return what a section names. Raises ``TomlError``."""
    reader = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        found = reader.loads(text).get(section, {})
    except (ValueError, RecursionError) as error:
        raise TomlError(str(error)) from error
    if not isinstance(found, dict):
        raise TomlError(f"{section} is no table")
    return found  # pyright: ignore[reportUnknownVariableType] - any TOML


def put(text: str, section: str, name: str, entry: dict[str, Any]) -> str:
    """Return a text whose section has the entry; what else the entry held stays in it.

    Raises ``TomlError``.
    """
    there = entries(text, section).get(name)
    whole: dict[str, Any] = {**there, **entry} if isinstance(there, dict) else entry
    if whole == there:
        return text
    line = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{_key(key)} = {_value(value)}" for key, value in whole.items()]
    block = line.join([BEGIN, f"[{section}.{_key(name)}]", *lines, END]) + line
    found = _BLOCK.search(text)
    if found:
        begin = found.start() + len(found["before"] or "")
        return text[:begin] + block + _strange(found, section, name) + text[found.end() :]
    if there is not None:
        text = _without_table(text, section, name)
    return text + (line if text else "") + block


def take(text: str, section: str, name: str) -> str | None:
    """Return a text without the entry; None where nothing else was in the file.

    Raises ``TomlError``.
    """
    found = _BLOCK.search(text)
    if found:
        strange = _strange(found, section, name)
        rest = text[: found.start()] + strange + text[found.end() :]
        return rest if rest or found["before"] else None
    return _without_table(text, section, name) if name in entries(text, section) else text


def _without_table(text: str, section: str, name: str) -> str:
    """Return a text without a table that has no marks, and without what is left of them.

    Comments and empty lines above the next table are that one's. Raises ``TomlError``.
    """
    own = _header(section, name)
    kept: list[str] = []
    held: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare in (BEGIN, END):
            continue
        if bare.startswith("["):
            inside = bool(own.match(bare))
        if inside and bare and not bare.startswith("#"):
            held = []
        elif inside:
            held.append(line)
        else:
            kept += [*held, line]
            held = []
    rest = "".join([*kept, *held])
    if name in entries(rest, section):
        raise TomlError(f"{section}.{name} is written in a way that only a person can take out")
    return rest


def _header(section: str, name: str) -> re.Pattern[str]:
    """Return what the header of the entry's table, or of one inside it, begins with."""
    key = rf"(?:{re.escape(name)}|\"{re.escape(name)}\")"
    return re.compile(rf"\[\s*{re.escape(section)}\s*\.\s*{key}\s*[\].]")


def _strange(found: re.Match[str], section: str, name: str) -> str:
    """Return what others put between our marks: tables, as a program appends them."""
    own = _header(section, name)
    for header in re.finditer(r"^[ \t]*(?=\[)", found["body"], re.MULTILINE):
        if not own.match(found["body"], header.end()):
            return found["body"][header.start() :]
    return ""


def _value(value: Any) -> str:
    """Write a value on one line; JSON's texts, numbers and lists are TOML's too."""
    if isinstance(value, dict):
        inside = (f"{_key(key)} = {_value(one)}" for key, one in value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - any TOML
        return "{ " + ", ".join(inside) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"  # pyright: ignore[reportUnknownArgumentType] - as above
    return json.dumps(value, ensure_ascii=False, default=str)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)
