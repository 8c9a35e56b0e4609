"""What secrets look like inside a text: keys of well-known services, and names with a value.

    sk-ant-api03-...   hf_...   ghp_...   AKIA...   eyJ....eyJ....   -----BEGIN PRIVATE KEY-----
    postgres://me:hunter2@db   --api-key hunter2   HF_TOKEN=hunter2   "password": "hunter2"
    Authorization: Bearer hunter2   wandb login 0123456789abcdef...

Every pattern begins where a word does and is bounded, so that a long text costs what it is long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HIDDEN = "[redacted]"
NUMBER = re.compile(r"[-+]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[kKMGT%]?")

_SHAPES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk)[-_](?:live[-_]|test[-_])?(?=[A-Za-z]{20}|[A-Za-z]{0,19}\d)[A-Za-z0-9]{16,}"
    r"|sk-(?:admin|ant|or|proj|svcacct)-[\w-]{12,}"  # Anthropic, OpenAI, OpenRouter
    r"|hf_[A-Za-z0-9]{16,}"
    r"|(?:gh[opsur]_|github_pat_|glpat-|wandb_v1_)[\w-]{16,}"
    r"|xox[abeoprs]-[\w-]{12,}"  # Slack
    r"|npm_[A-Za-z0-9]{30,}|dapi[0-9a-f]{32}|ya29\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|AIza[\w-]{35}"  # Google
    r"|\d{8,10}:AA[\w-]{33}"  # Telegram
    r"|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|eyJ[\w-]{60,}={0,2}"  # JSON web tokens, Neptune
    r")"
    r"|-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [A-Z0-9 ]{0,32}PRIVATE"
    r" KEY(?: BLOCK)?-----|.*)"
    r"|(?<=hooks\.slack\.com/services/)[\w/-]+|(?<=/api/webhooks/)\d+/[\w-]+"
    r"|(?<=://)(?!\[redacted\]@)(?:[^\s/:@]{0,256}:(?!\d{1,5}/)(?:[^\s/]{1,256}|[^\s@]{1,256})"
    r"|[\w-]{16,256})(?=@)"  # user and password in an address
    r"|(?<=[Bb]earer )[\w.~+/=-]{16,}|(?<=BEARER )[\w.~+/=-]{16,}",
    re.DOTALL,
)
_LOGIN = re.compile(
    r"(\bwandb[ .]login(?:\(|\s)(?:--?[\w-]+\s+)*(?:key=)?[\"']?|\blogin \S{1,64} password )"
    r"([^\s\"')]{6,})"
)
_VALUE = (
    r"\[redacted\]|\"[^\"]{0,4096}\"|'[^']{0,4096}'|\[[^\[\]]{0,4096}\]|\{[^{}]{0,4096}\}"
    r"|\([^()]{0,4096}\)"
)
"""Quoted or in brackets: the whole of it."""
_OPTION = re.compile(
    rf"(?<![\w-])(--?[\w.-]{{1,64}})(=|\s+)({_VALUE}|[^\s\"'-][^\s\"']*|(?<==)\S+)"
)
_GIVEN = re.compile(
    rf"(?<![\w.-])([\w.+-]{{1,64}})([\"']?\s?=\s?)({_VALUE}|[^\s\"'&;]*[^\s\"'&;,)\]}}])"
)
_SAID = re.compile(
    r"(?<![\w.-])((?:[A-Za-z]{1,16} )?[\w.-]{1,64})([\"']?\s?:\s?)"
    rf"({_VALUE}|(?:(?i:basic|bearer|token) )?[^\s\"'&;]*[^\s\"'&;,)\]}}])"
)
_SIGNED = re.compile(r"(?<=[?&])((?:X-\w{1,16}-)?[Ss]ig(?:nature)?)=[^\s&]+")
_MIXED = re.compile(r"(?=.*[A-Za-z])(?=.*\d)\S{6,}|\S{20,}|(?i:basic|bearer|token) \S+")
"""A value behind a colon that is no word of a sentence."""


def hide_shapes(text: str) -> str:
    """Return a text without what has the shape of a key, and without passwords in addresses."""
    text = _SHAPES.sub(HIDDEN, text)
    if "login" in text:
        text = _LOGIN.sub(rf"\g<1>{HIDDEN}", text)
    return _SIGNED.sub(rf"\g<1>={HIDDEN}", text) if "ig" in text else text


def hide_named(text: str, is_hidden: Callable[[str, str], bool]) -> str:
    """Return a text without the values it gives to names that the judge calls secret.

    The judge is asked with a name and the value without its quotes. Behind a colon only what
    is quoted or looks like no word is a value, for sentences have colons too.
    """

    def given(match: re.Match[str]) -> str:
        name, between, value = match.groups()
        bare = value.strip("\"'")
        if not bare or not is_hidden(name, bare):
            return match[0]
        quote = value[0] if value[0] in "\"'" else ""
        return f"{name}{between}{quote}{HIDDEN}{quote}"

    def said(match: re.Match[str]) -> str:
        return given(match) if match[3][0] in "\"'" or _MIXED.fullmatch(match[3]) else match[0]

    if "-" in text:
        text = _OPTION.sub(given, text)
    if "=" in text:
        text = _GIVEN.sub(given, text)
    return _SAID.sub(said, text) if ":" in text else text
