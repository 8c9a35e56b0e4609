"""Secrets that people leave in configurations and command lines.

Two ways to know one: by its name, a whole word such as ``api_key``, ``token`` or ``password``
above a text; and by its shape, that of the keys well-known services hand out, wherever it
stands. Numbers are never secrets: ``max_tokens`` and ``pad_token_id`` stay, and so does a
tokenizer's own ``eos_token``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runwise_format.cells import Cell
    from runwise_format.document import Branch

HIDDEN = "[redacted]"

_WORDS = frozenset({
    "apikey", "auth", "authorization", "bearer", "cookie", "credential", "credentials", "dsn",
    "passphrase", "passwd", "password", "pat", "pwd", "secret", "secrets", "token", "accesskey",
    "privatekey",
})  # fmt: skip
_KEYS = frozenset({"access", "account", "api", "encryption", "private", "secret", "ssh"})
"""Words that make a ``key`` behind them a secret."""
_VOCABULARY = frozenset({
    "additional", "bos", "boi", "box", "class", "cls", "decoder", "end", "eoi", "eos", "eot",
    "first", "fim", "image", "img", "last", "mask", "next", "pad", "prefix", "sep", "special",
    "start", "stop", "target", "unk", "video", "audio",
})  # fmt: skip
"""Words that make a ``token`` behind them part of a text."""
_NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SHAPES = re.compile(
    r"\b(?:sk|pk|rk)[-_](?:[A-Za-z]+[-_])*[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic, Stripe
    r"|\bhf_[A-Za-z0-9]{16,}"
    r"|\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|wandb_v1_|npm_|dapi)[A-Za-z0-9_-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bAIza[A-Za-z0-9_-]{35}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"  # JSON web tokens
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)",  # user and password in an address
    re.DOTALL,
)
_OPTION = re.compile(r"(?<![\w-])(--?[\w-]+)([ =]+)([^\s-]\S*)")
_SIGNS = re.compile(r"^[<\[{|].*[>\]}|]$")


def is_secret_name(name: str) -> bool:
    """Return whether what stands under a name is a secret, if it is a text.

    >>> [is_secret_name(name) for name in ("WANDB_API_KEY", "hfToken", "tokenizer", "eos_token")]
    [True, True, False, False]
    """
    parts = [part.lower() for part in _NAME_PARTS.findall(name)]
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else ""
        if part == "key" and before in _KEYS:
            return True
        if part == "token" and (before in _VOCABULARY or place < len(parts) - 1):
            continue
        if part in _WORDS:
            return True
    return False


def redacted(root: Branch) -> Branch:
    """Return a tree without its secrets.

    >>> redacted({"lr": 0.1, "hub": {"token": "abcdefgh", "max_tokens": 512}})
    {'lr': 0.1, 'hub': {'token': '[redacted]', 'max_tokens': 512}}
    """
    return {name: _branch(name, value, hidden=False) for name, value in root.items()}


def _branch(name: str, value: Cell | Branch, *, hidden: bool) -> Cell | Branch:
    hidden = hidden or is_secret_name(name)
    if isinstance(value, Mapping):
        return {inner: _branch(inner, below, hidden=hidden) for inner, below in value.items()}
    return _hidden(value) if hidden else redacted_cell("", value)


def redacted_cell(name: str, cell: Cell) -> Cell:
    """Return a cell, hidden where its name or its shape says that it is a secret."""
    if name and is_secret_name(name):
        return _hidden(cell)
    return redacted_text(cell) if isinstance(cell, str) else cell


def redacted_text(text: str) -> str:
    """Return a text without what has the shape of a key, and without secret options.

    >>> redacted_text("train.py --lr 0.1 --hf-token abcdefgh")
    'train.py --lr 0.1 --hf-token [redacted]'
    """
    if len(text) < 8:  # no key is as short, and most cells are
        return text
    return _OPTION.sub(_option, _SHAPES.sub(HIDDEN, text))


def _option(match: re.Match[str]) -> str:
    option, between, _ = match.groups()
    return f"{option}{between}{HIDDEN}" if is_secret_name(option) else match[0]


def _hidden(cell: Cell) -> Cell:
    """Return a text hidden: numbers, words such as ``True`` and ``<pad>`` are no secrets."""
    if not isinstance(cell, str) or not cell or _SIGNS.match(cell):
        return cell
    return cell if cell.lower() in ("true", "false", "none", "null") else HIDDEN
