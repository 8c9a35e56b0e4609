"""What a kind of finding means: the page its detector opens with."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any, cast

from runwise import words
from runwise.errors import NoSuchKind, near, short, some
from runwise_detect import Detector, known_detectors
from runwise_detect.registry import find_detector
from runwise_format import Column, Document, Notes, Table

LISTED = 4


def kinds() -> Document:
    """Return every kind of trouble that is looked for, each in a line."""
    rows = [(name, _first(kind)) for name, kind in known_detectors().items()]
    columns = [Column("kind", role="name"), Column("means", role="text")]
    return Document(
        kind="kinds",
        title="kinds of findings",
        verdict=words.count(len(rows), "kind") + " of trouble are looked for",
        blocks=[Table("kinds", columns, rows, importance=80)],
        more="runwise explain loss_spike",
    )


def explain(name: str) -> Document:
    """Return the page of one kind: what it means, how it is found, and its settings.

    Raises ``NoSuchKind`` where nobody looks for it.
    """
    try:
        kind = find_detector(name)
    except LookupError as error:
        close = near(name, known_detectors(), LISTED) or list(known_detectors())[:LISTED]
        raise NoSuchKind(
            f"no finding is called '{short(name)}'", f"Near: {some(close)}. Try: runwise explain"
        ) from error
    lines = [line for line in _page(kind).splitlines() if line.strip()]
    settings: list[tuple[str, float, str]] = [
        (one.name, cast("float", one.default), str(one.metadata.get("about", "")))
        for one in fields(cast("Any", kind))
        if "low" in one.metadata
    ]
    columns = [Column("setting", role="name"), Column("default"), Column("is", role="text")]
    return Document(
        kind="explanation",
        title=name,
        verdict=f"{name}: {_first(kind)}",
        blocks=[
            Notes("page", lines[1:], importance=70),
            Table("settings", columns, settings, importance=60),
        ],
    )


def _first(kind: type[Detector]) -> str:
    return _page(kind).splitlines()[0]


def _page(kind: type[Detector]) -> str:
    """Return what a detector's docstring says before its example."""
    return inspect.cleandoc(kind.__doc__ or "Nothing is said of it.").partition("\n>>>")[0].strip()
