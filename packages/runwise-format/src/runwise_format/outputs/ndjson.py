"""For programs that read line by line: the document as JSON, one row a line.

    {"kind":"check","schema":1,"verdict":"...","title":"...","dropped":[],"more":""}
    {"block":"findings","value":{"severity":"critical","kind":"non_finite", ...}}
    {"block":"metrics","value":{"name":"train/loss","last":0.348}}

The first line is what the document says of itself, then come the blocks, in order: tables,
findings, notes and differences a row a line, anything else whole. Every value is what
``json`` has in that place; a block with nothing in it has no line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from runwise_format.document import ENVELOPE
from runwise_format.outputs import json as whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_format.document import Document
    from runwise_format.style import Style

name = "ndjson"
for_programs = True


def render(document: Document, style: Style) -> str:
    """Return ``document`` as lines of JSON."""
    data: dict[str, Any] = json.loads(whole.render(document, style))
    head = {key: data.pop(key) for key in (*list(data)[:4], *list(data)[-2:]) if key in ENVELOPE}
    lines = [head, *_rows(data)]
    return "\n".join(
        json.dumps(line, ensure_ascii=style.ascii, separators=(",", ":")) for line in lines
    )


def _rows(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in data.items():
        if isinstance(value, list):
            yield from ({"block": key, "value": row} for row in cast("list[Any]", value))
        elif value and value.get("curves") != []:  # a chart without curves has nothing in it
            yield {"block": key, "value": value}
