"""Names that a secret stands under: whole words, wherever in the name they are.

    api_key  WANDB_API_KEY  hfToken  client_secret  aws_secret_access_key  Authorization

A ``token`` may as well be a piece of a text and a ``key`` one of a dictionary: the word before
decides (``eos_token``, ``primary_key``), and for a token the one behind it (``token_dropout``).
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = frozenset({
    "apikey", "apikeys", "apitoken", "auth", "authorization", "authtoken", "bearer", "cookie",
    "cookies", "credential", "credentials", "dsn", "passphrase", "passwd", "password",
    "passwords", "pat", "pwd", "secret", "secrets", "token", "accesskey", "accesstoken",
    "secretkey", "privatekey", "hftoken",
})  # fmt: skip
_KEYS = frozenset({
    "access", "account", "api", "encryption", "license", "private", "secret", "signing", "ssh",
})  # fmt: skip
"""Words that make a ``key`` behind them a secret."""
_GRANTS = frozenset({"access", "api", "auth", "bearer", "hf", "hub", "refresh", "session"})
"""Words that make even several ``tokens`` behind them secrets, whatever follows."""
_VOCABULARY = frozenset({
    "additional", "assistant", "audio", "boi", "bos", "box", "class", "cls", "decoder", "end",
    "eoi", "eos", "eot", "fim", "first", "forced", "image", "img", "last", "loss", "mask", "new",
    "next", "pad", "per", "prefix", "prompt", "sep", "special", "start", "stop", "suffix",
    "system", "target", "text", "think", "unexpected", "unk", "unknown", "user", "video",
    "vision",
})  # fmt: skip
"""Words that make a ``token`` behind them part of a text."""
_NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONGEST = 200  # a name; what is longer is none


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Return whether what stands under a name is a secret, if it is a text.

    >>> [is_secret_name(name) for name in ("WANDB_API_KEY", "hfToken", "tokenizer", "eos_token")]
    [True, True, False, False]
    """
    parts = [part.lower() for part in _NAME_PARTS.findall(name[-_LONGEST:])]
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else ""
        if part in ("key", "keys") and before in _KEYS:
            return True
        if part in ("token", "tokens") and before in _GRANTS:
            return True
        if part == "token" and (before in _VOCABULARY or place < len(parts) - 1):
            continue
        if part in _WORDS:
            return True
    return False
