"""Write what ``--format json`` promises: a JSON Schema for every report, and ``docs/json.md``.

    python tools/json_docs.py           write them anew
    python tools/json_docs.py --check   say whether they are current, and exit with 1 if not

Both come from every report on every run of the repository (`every_report`) and from the words
in `json_words`. No kind disappears by itself: delete its file.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

HOUSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOUSE))

from tools.json_words import COMMANDS  # noqa: E402 - a script finds its neighbours by the line above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_format import Document

SCHEMAS = HOUSE / "packages/runwise-cli/src/runwise/schemas"
PAGE = HOUSE / "docs/json.md"
ENVELOPE = ("kind", "schema", "verdict", "title", "dropped", "more")
INTRODUCTION = Path(__file__).with_suffix(".md")
BY_NAME = "by names that vary"
WORDS = {
    "at": "value@step", "number": "number", "trend": "trend", "problem": "finding",
    "difference": "difference", "nested": "tree", "chart": "chart", "cell": "any",
}  # fmt: skip


def made() -> dict[Path, str]:
    """Return every file this tool writes, and what belongs into it."""
    from tools.every_report import documents, places

    return files_of(document for _, document in documents(places()))


def files_of(documents: Iterable[Document]) -> dict[Path, str]:
    """Return the files that say what these documents are."""
    from tools.json_schemas import schemas

    kept = {path.stem: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    found = dict(sorted({**kept, **schemas(documents)}.items()))  # a few need a server: kept
    texts = {
        SCHEMAS / f"{kind}.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for kind, schema in found.items()
    }
    return {**texts, PAGE: page(found)}


def page(found: dict[str, dict[str, Any]]) -> str:
    """Return ``docs/json.md``."""
    parts = [INTRODUCTION.read_text(encoding="utf-8")]
    for kind, schema in found.items():
        parts.append(f"\n## {kind}\n\n`{COMMANDS.get(kind, f'runwise {kind}')}`\n")
        for key, block in schema["properties"].items():
            if key not in ENVELOPE:
                parts.append("\n" + "\n".join(_block(key, block)) + "\n")
        if schema["additionalProperties"]:
            parts.append("\nAnd a chart for each metric shown, under a key that has its name.\n")
    return "".join(parts)


def _block(key: str, block: dict[str, Any]) -> Iterator[str]:
    said = f": {block['description']}" if "description" in block else ""
    yield f"**`{key}`** ({_form(block)}){said}"
    inner = block.get("items", block)
    rows = {**inner.get("properties", {}), **inner.get("patternProperties", {})}
    if rows:
        yield ""
        yield "| key | is | what |"
        yield "|---|---|---|"
    for name, cell in rows.items():
        shown = name.strip("^$").replace("[A-Z]_", "A_")
        said = cell.get("description", "").replace("|", "\\|")
        yield f"| `{shown}` | {_form(cell)} | {said} |"


def _form(shape: dict[str, Any]) -> str:
    if "anyOf" in shape:
        words = [_form(one) for one in shape["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    if "$ref" in shape:
        return WORDS[shape["$ref"].rpartition("/")[2]]
    if shape["type"] == "array":
        inner = _form(shape["items"])
        return {"object": "rows", BY_NAME: f"rows, {BY_NAME}"}.get(inner, f"list of {inner}s")
    if shape["type"] == "object":
        return "object" if "properties" in shape else BY_NAME
    return {"string": "text"}.get(shape["type"], shape["type"])


def main(words: list[str]) -> int:
    """Write the files, or with ``--check`` say which are not current."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["RUNWISE_CACHE_DIR"] = cache
        files = made()
    stale = [path for path, text in files.items() if not _is(path, text)]
    for path in stale:
        print(f"{path.relative_to(HOUSE)} {'is not current' if '--check' in words else 'written'}")
        if "--check" not in words:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8", newline="\n")
    return int(bool(stale) and "--check" in words)


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
