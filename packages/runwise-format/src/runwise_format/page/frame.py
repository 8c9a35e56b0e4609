"""The frame of a page: head, policy, style, script.

The policy allows this one style and this one script, by their digests, and nothing else: no
address is ever asked for anything, and what somebody smuggled in would not run.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent


def page(title: str, parts: Sequence[str], *, live: bool) -> str:
    """Return a whole page; ``parts`` are HTML already, ``live`` adds the script of charts."""
    style = _file("look.css")
    script = _file("life.js") if live else ""
    allowed = f"script-src {_digest(script)}; " if live else ""
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; {allowed}"
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="generator" content="runwise">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            *parts,
            "</main>",
            *([f"<script>{script}</script>"] if live else []),
            "</body>",
            "</html>",
        ]
    )


@lru_cache
def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="ascii")


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
