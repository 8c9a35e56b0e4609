"""A configuration written as Python: its literals, and nothing is run.

    optimizer = dict(lr=0.02, type='SGD')
    train_cfg = dict(max_epochs=12, type='EpochBasedTrainLoop')
    img_scale = (1333, 800)

That is how mmcv and mmengine print what was set. ``dict(...)`` is read like ``{...}``; a name that
is set to anything but literals is left out. Read token by token: Python's own parser can be made
to exhaust the stack by a text that is deep enough.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"^([A-Za-z_]\w*)[ \t]*=[ \t]*(?!=)", re.MULTILINE)
_TOKEN = re.compile(
    r"(?:\s|#[^\n]*(?:\n|$)|\\\n)*"
    r"(?:(?P<text>[rRuU]?(?:'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"))"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>[\[\](){},=:-])"
    r"|(?P<other>.|$))",
    re.DOTALL,
)
_CONSTANTS = {"True": True, "False": False, "None": None}
_CLOSED_BY = {"[": "]", "(": ")", "{": "}"}
_DEEPEST = 50


def read_python(text: str) -> dict[str, object]:
    """Return the names a text sets to plain data."""
    found: dict[str, object] = {}
    at = 0
    while name := _NAME.search(text, at):
        at = name.end()
        reader = _Reader(text, at)
        try:
            found[name[1]] = reader.value()
        except ValueError:
            continue
        at = reader.at
    return found


class _Reader:
    """Reads literals from a place in a text on. Raises ``ValueError`` for anything else."""

    def __init__(self, text: str, at: int) -> None:
        self.at = at
        self._text = text
        self._depth = 0

    def value(self) -> object:
        """Return the literal that begins here."""
        kind, word = self._next()
        if kind == "text":
            return self._string(word)
        if kind == "number":
            return _number(word)
        if word == "-":
            return -_number(self._next()[1])
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word in _CLOSED_BY or (word == "dict" and self._next()[1] == "("):
            return self._inside(word)
        raise ValueError(f"{word} is no literal")

    def _inside(self, opening: str) -> object:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("nested too deep")
        if opening == "{":
            found: object = dict(self._pairs("}", ":"))
        elif opening == "dict":
            found = dict(self._pairs(")", "="))
        else:
            found = self._items(_CLOSED_BY[opening])
        self._depth -= 1
        return found

    def _items(self, closing: str) -> list[object]:
        items: list[object] = []
        while not self._is_at(closing):
            items.append(self.value())
            if not self._is_at(","):
                self._expect(closing)
                break
        return items

    def _pairs(self, closing: str, between: str) -> Iterator[tuple[str, object]]:
        while not self._is_at(closing):
            key = self._next()[1] if between == "=" else self.value()
            self._expect(between)
            yield str(key), self.value()
            if not self._is_at(","):
                self._expect(closing)
                break

    def _string(self, first: str) -> str:
        """Return a string, with those that follow it inside brackets."""
        parts = [first]
        while self._depth and (word := _TOKEN.match(self._text, self.at)) and word["text"]:
            parts.append(word["text"])
            self.at = word.end()
        return "".join(_unquoted(part) for part in parts)

    def _next(self) -> tuple[str, str]:
        word = _TOKEN.match(self._text, self.at)
        kind = word.lastgroup if word else None
        if word is None or kind is None or kind == "other":
            raise ValueError("no literal")
        self.at = word.end()
        return kind, word[kind]

    def _is_at(self, sign: str) -> bool:
        """Step over a sign if it comes next."""
        word = _TOKEN.match(self._text, self.at)
        if word is None or word["sign"] != sign:
            return False
        self.at = word.end()
        return True

    def _expect(self, sign: str) -> None:
        if not self._is_at(sign):
            raise ValueError(f"{sign} is missing")


def _number(word: str) -> float:
    return int(word) if word.isdigit() else float(word)


def _unquoted(word: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a stray backslash is no trouble here
        try:
            return str(ast.literal_eval(word))
        except SyntaxError as error:
            raise ValueError("no string") from error
