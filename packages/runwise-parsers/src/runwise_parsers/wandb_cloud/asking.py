"""Filters of a project's runs, as W&B's server takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.remote import RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FIELDS = {"state": "state", "name": "display_name", "group": "group", "sweep": "sweep"}
_MORE = ("tags", "mongo")


def as_query(filters: Mapping[str, object]) -> dict[str, object]:
    """Return ``state``, ``name``, ``group``, ``sweep``, ``tags`` and ``mongo`` as one query.

    Raises ``RemoteError`` for others.

    >>> as_query({"state": "running", "tags": ["a"]})
    {'$and': [{'state': 'running'}, {'tags': {'$in': ['a']}}]}
    """
    asked = [_term(name, value) for name, value in filters.items()]
    if not asked:
        return {}
    return asked[0] if len(asked) == 1 else {"$and": asked}


def _term(name: str, value: object) -> dict[str, object]:
    if name in _FIELDS:
        wanted = {"$regex": str(value)} if name == "name" else value
        return {_FIELDS[name]: wanted}
    if name == "tags":
        tags = [value] if isinstance(value, str) else list(cast("Iterable[str]", value))
        return {"tags": {"$in": tags}}
    if name == "mongo" and isinstance(value, dict):
        return cast("dict[str, object]", value)
    known = ", ".join([*_FIELDS, *_MORE])
    raise RemoteError(f"W&B has no filter {name}", f"There are: {known}.")
