"""Which runs are meant: terms that all must hold, the same for every command that takes several.

    state:running tag:sweep group:g1 name~bert commit:ab12 source:wandb
    config.lr<=3e-4 val_acc>80% step>1000 health<50 runtime>2h
    age<7d created:2025-11 since:2025-11-01 until:2025-12-01 !tag:debug

``:`` is a word as it stands (of a commit or a date its beginning), ``~`` a part of it, both
without regard to case; ``= != < <= > >=`` compare numbers, or texts by their order. ``!`` before
a term turns it round. A name that is no field is a metric, by its newest value.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runwise.errors import BadFilter, near, short
from runwise.paths import exists

if TYPE_CHECKING:
    from collections.abc import Iterable

TERM = re.compile(r"(!?)([^:~=<>!\s][^:~=<>!]*?)\s*(<=|>=|!=|==|[:~=<>])\s*(.+)", re.DOTALL)
WORDS = ("state", "tag", "group", "name", "id", "project", "source", "host", "sweep", "job_type",
         "commit", "command", "notes")  # fmt: skip
TIMES = ("since", "until", "created", "updated")
SPANS = ("age", "runtime", "created_age", "updated_age")
"""``created>7d`` asks for ``created_age``: it is how long ago that a span is compared with."""
NUMBERS = ("step", "health", "exit_code")
FIELDS = (*WORDS, *TIMES, *SPANS, *NUMBERS)
CONFIG = "config."
_RUN = re.compile(r"latest~\d+$|[A-Za-z]:/")
"""A run by its age, a path of Windows."""
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%|k|M|G)?", re.IGNORECASE)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(min|s|m|h|d|w)", re.IGNORECASE)
_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_TIMES = {"": 1.0, "%": 0.01, "k": 1e3, "m": 1e6, "g": 1e9}


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a field or metric, a sign, what it is compared with."""

    field: str
    sign: str
    text: str
    turned: bool = False

    def __str__(self) -> str:
        return f"{'!' if self.turned else ''}{self.field}{self.sign}{self.text}"


def looks_like_term(word: str) -> bool:
    """Say whether a word on a command line is a term, and not the name of a run or a path.

    >>> looks_like_term("val_acc>80%"), looks_like_term("runs/a"), looks_like_term("s3://bucket/a")
    (True, False, False)
    """
    found = TERM.fullmatch(word)
    if found is None or "://" in word or "\\" in word or _RUN.match(word):
        return False
    known = found[2] in FIELDS or found[2].startswith(CONFIG)
    return known or not exists(Path(word))


def is_term(word: str) -> bool:
    """Say whether a word is a term about a field that runs have, and no text to look for.

    >>> is_term("state:running"), is_term("val_acc>80%"), is_term("loss=0.5"), is_term("a:b")
    (True, False, False, False)
    """
    found = TERM.fullmatch(word)
    return found is not None and found[2] in FIELDS


def parted(words: Iterable[str]) -> tuple[list[str], tuple[Term, ...]]:
    """Return the words that name runs or paths, and the terms. Raises ``BadFilter``."""
    listed = list(words)
    names = [word for word in listed if not looks_like_term(word)]
    return names, terms_of(word for word in listed if looks_like_term(word))


def terms_of(texts: Iterable[str]) -> tuple[Term, ...]:
    """Return the terms in some texts, each of one or several.

    >>> [str(term) for term in terms_of(["state:running  config.lr<=3e-4", "!tag:debug"])]
    ['state:running', 'config.lr<=3e-4', '!tag:debug']

    Raises ``BadFilter`` for what is no term, with the grammar.
    """
    return tuple(_term(word) for text in texts for word in _words(text))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text.replace("\\", "\\\\"))
    except ValueError as error:
        raise BadFilter(f"'{short(text)}': {str(error).lower()}") from error


def _term(word: str) -> Term:
    found = TERM.fullmatch(word)
    if found is None:
        raise BadFilter(f"'{short(word)}' is no filter")
    turned, name, sign, text = found.groups()
    if sign == "==":
        sign = "="
    if name in ("created", "updated") and _date(text) is None and sign not in (":", "~"):
        name = f"{name}_age"
    term = Term(name, sign, text, turned=bool(turned))
    wanted = "a date" if name in TIMES else "a time such as 2h" if name in SPANS else "a number"
    ordered = sign not in (":", "~") or name in ("since", "until")
    if name in TIMES and not text[0].isdecimal():
        raise BadFilter(f"'{short(word)}': {short(text)} is not {wanted}")
    if ordered and name in (*TIMES, *SPANS, *NUMBERS) and number_of(name, text) is None:
        raise BadFilter(f"'{short(word)}': {short(text)} is not {wanted}")
    if name not in FIELDS and not name.startswith(CONFIG) and sign == ":":
        close = near(name, FIELDS, 1)
        hint = f", did you mean {close[0]}?" if close else ""
        raise BadFilter(f"'{short(word)}': no field {short(name)}{hint}")
    return term


def number_of(name: str, text: str) -> float | None:
    """Return what a text means as a number: seconds where its field is a time."""
    if name in TIMES:
        return _date(text)
    if name in SPANS:
        pieces = _SPAN.findall(text)
        spelt = "".join(f"{number}{unit}" for number, unit in pieces)
        if not pieces or spelt != re.sub(r"\s", "", text):
            return None
        return sum(float(number) * _SECONDS[unit.lower()] for number, unit in pieces)
    found = _NUMBER.fullmatch(text.strip())
    return float(found[1]) * _TIMES[(found[2] or "").lower()] if found else None


def _date(text: str) -> float | None:
    """Return Unix seconds of a day or a time, of local time where it names no zone."""
    padded = text if len(text) > len("2025-11") else f"{text}-01"
    try:
        return datetime.fromisoformat(padded.replace("Z", "+00:00")).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        return None
