"""A client's configuration as text: the server put in, taken out, looked up, whatever its syntax.

Every edit is read back before it counts: the server must be there, or gone, and all the rest
must say what it said.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from runwise.agents import json_edit, json_text, toml_edit
from runwise.agents.client import NAME
from runwise.errors import BadSetting

if TYPE_CHECKING:
    from runwise.agents.client import Client


def installed(text: str, client: Client) -> dict[str, Any] | None:
    """Return what a configuration says of the server. Raises ``BadSetting``."""
    try:
        found = _entries(text, client).get(NAME)
    except (json_text.TextError, toml_edit.TomlError) as error:
        raise _broken(client, error) from error
    return None if found is None else _table(found)


def with_server(text: str, client: Client, entry: dict[str, Any]) -> str:
    """Return a configuration that names the server. Raises ``BadSetting``."""
    try:
        if client.syntax == "toml":
            edited = toml_edit.put(text, client.section, NAME, entry)
        else:
            comments = client.syntax == "jsonc"
            edited = json_edit.put(text, client.section, NAME, entry, comments=comments)
    except (json_text.TextError, toml_edit.TomlError) as error:
        raise _broken(client, error) from error
    old = installed(text, client) or {}
    _check(text, edited, client, {**old, **entry})
    return edited


def without_server(text: str, client: Client) -> str | None:
    """Return a configuration without the server; None if the file was ours alone.

    Raises ``BadSetting``.
    """
    try:
        if client.syntax == "toml":
            edited = toml_edit.take(text, client.section, NAME)
        else:
            comments = client.syntax == "jsonc"
            edited = json_edit.take(text, client.section, NAME, comments=comments)
    except (json_text.TextError, toml_edit.TomlError) as error:
        raise _broken(client, error) from error
    _check(text, edited or "", client, None)
    return edited


def _check(text: str, edited: str, client: Client, entry: dict[str, Any] | None) -> None:
    """Raise ``BadSetting`` unless an edit changed what it should, and nothing else."""
    try:
        before, after = _whole(text, client), _whole(edited, client)
    except ValueError as error:
        raise _broken(client, error) from error
    for tree in (before, after):
        servers = _table(tree.get(client.section))
        server = servers.pop(NAME, None)
        if tree is after and server != entry:
            raise _broken(client, ValueError("the server has no place in it"))
        if not servers:
            tree.pop(client.section, None)
    if before != after:
        raise _broken(client, ValueError("another entry would change"))


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _whole(text: str, client: Client) -> dict[str, Any]:
    if not text.strip("\ufeff \t\r\n"):
        return {}
    if client.syntax == "toml":
        reader = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
        return reader.loads(text)
    if client.syntax == "json":
        return json.loads(text.lstrip("\ufeff"))
    return json_text.read(text, comments=True).data


def _entries(text: str, client: Client) -> dict[str, Any]:
    if client.syntax == "toml":
        return toml_edit.entries(text, client.section)
    return json_edit.entries(text, client.section, comments=client.syntax == "jsonc")


def _broken(client: Client, error: ValueError) -> BadSetting:
    return BadSetting(f"{client.title}'s configuration: {error}", "Mend it; nothing was written.")
