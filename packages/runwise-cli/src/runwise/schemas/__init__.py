"""What ``--format json`` promises, as a JSON Schema for every kind of report.

The files beside this one are made by ``tools/json_docs.py`` from every report on every run of
the repository, and describe what each key means. A change that breaks a reader raises
`runwise_format.schema.VERSION`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def kinds() -> list[str]:
    """Return the kinds of reports there are: what ``kind`` says in the JSON of each."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the reports of a kind.

    Raises:
        LookupError: if there is no such kind.
    """
    path = FOLDER / f"{kind}.json"
    if kind not in kinds():
        raise LookupError(f"no report of kind {kind!r} among {', '.join(kinds())}")
    return json.loads(path.read_text(encoding="utf-8"))
