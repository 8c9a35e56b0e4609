"""Fields of a server's answers, which may lack any of them or hold something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runwise_parsers.mlflow_server.rest import Json


def inner(tree: Mapping[str, object], name: str) -> Json:
    """Return an object in an object, an empty one where there is none."""
    found = tree.get(name)
    return cast("Json", found) if isinstance(found, dict) else {}


def listed(tree: Mapping[str, object], name: str) -> list[Json]:
    """Return the objects of a list in an object."""
    found = tree.get(name)
    members = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("Json", one) for one in members if isinstance(one, dict)]


def text(tree: Mapping[str, object], name: str) -> str:
    """Return a text, or a number as one; empty where there is none."""
    found = tree.get(name)
    return str(found) if isinstance(found, (str, int)) else ""


def whole(tree: Mapping[str, object], name: str) -> int | None:
    """Return an integer, which JSON made of protobuf may hold as a text."""
    found = tree.get(name)
    if isinstance(found, float) and found.is_integer():
        return int(found)
    if isinstance(found, str):
        try:
            return int(found)
        except ValueError:
            return None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
