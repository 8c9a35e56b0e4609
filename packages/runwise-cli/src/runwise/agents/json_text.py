"""JSON read with its places in the text, so that it can be edited without being written anew.

With ``comments`` it may hold ``//`` and ``/* */`` comments and commas before a closing bracket,
as editors' settings do. A byte order mark counts as space.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

DEPTH = 100
"""Nesting beyond which no settings go, and Python's own reader would give up."""
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


class TextError(ValueError):
    """The text is no JSON: which line, and what is wrong with it."""

    def __init__(self, text: str, place: int, what: str) -> None:
        self.line = text.count("\n", 0, place) + 1
        super().__init__(f"line {self.line}: {what}")


@dataclass(slots=True)
class Value:
    """A value, from ``start`` up to ``end`` of the text; of an object also its members."""

    start: int
    end: int
    data: Any
    members: list[Member] = field(default_factory=list["Member"])
    last: int = 0
    """Of an object: where its last member, comma or comment ends, or its bracket opens."""

    def member(self, name: str) -> Member | None:
        """Return a member by name; of several the last, as every reader does."""
        return next((one for one in reversed(self.members) if one.name == name), None)


@dataclass(slots=True)
class Member:
    """A name and a value in an object. ``lead`` is where the space before the name begins."""

    name: str
    lead: int
    start: int
    value: Value
    comma: int | None = None
    """Where the comma behind it stands."""


def read(text: str, *, comments: bool) -> Value:
    """Return what a text says, with places. Raises ``TextError``."""
    return _Reader(text, comments=comments).whole()


class _Reader:
    """A place that moves through a text; ``solid`` is where the last thing that is no space ends.

    A reader goes down by calling itself, at most ``DEPTH`` times.
    """

    def __init__(self, text: str, *, comments: bool) -> None:
        self.text = text
        self.comments = comments
        self.place = self.solid = 0
        self._depth = 0

    def whole(self) -> Value:
        self._skip()
        value = self._value()
        self._skip()
        if self.place < len(self.text):
            raise self._error("more after the end")
        return value

    def _value(self) -> Value:
        text, start = self.text, self.place
        if text.startswith("{", start):
            return self._nested(self._object)
        if text.startswith("[", start):
            return self._nested(self._array)
        if text.startswith('"', start):
            return self._done(Value(start, 0, self._string()))
        found = _PLAIN.match(text, start)
        if not found:
            raise self._error("no value")
        self.place = found.end()
        return self._done(Value(start, 0, json.loads(found.group())))

    def _nested(self, read_inside: Any) -> Value:
        self._depth += 1
        if self._depth > DEPTH:
            raise self._error("nested too deeply")
        value = read_inside()
        self._depth -= 1
        return value

    def _object(self) -> Value:
        found = Value(self.place, 0, {})
        self._take()
        while not self._closes("}", after=found.members):
            lead, start = self._lead, self.place
            if not self.text.startswith('"', start):
                raise self._error("no name in quotes")
            name = self._string()
            self._skip()
            if not self.text.startswith(":", self.place):
                raise self._error("no colon behind a name")
            self._take()
            self._skip()
            member = Member(name, lead, start, self._value())
            found.members.append(member)
            found.data[name] = member.value.data
            member.comma = self._comma("}")
        found.last = self._lead
        self._take()
        return self._done(found)

    def _array(self) -> Value:
        found = Value(self.place, 0, [])
        self._take()
        while not self._closes("]", after=found.data):
            found.data.append(self._value().data)
            self._comma("]")
        self._take()
        return self._done(found)

    def _closes(self, bracket: str, after: list[Any]) -> bool:
        """Tell whether a bracket closes here; a comma before it is for those with comments."""
        self._skip()
        if not self.text.startswith(bracket, self.place):
            return False
        if after and self.text[self.solid - 1] == "," and not self.comments:
            raise self._error("a comma before the end")
        return True

    def _comma(self, bracket: str) -> int | None:
        self._skip()
        place = self.place
        if self.text.startswith(",", place):
            self._take()
            return place
        if not self.text.startswith(bracket, place):
            raise self._error(f"neither a comma nor {bracket}")
        return None

    def _string(self) -> str:
        try:
            found, end = json.JSONDecoder().raw_decode(self.text, self.place)
        except ValueError:
            raise self._error("a text that does not end") from None
        self.place = self.solid = end
        return found

    def _take(self) -> None:
        self.place += 1
        self.solid = self.place

    def _done(self, value: Value) -> Value:
        value.end = self.solid = self.place
        return value

    @property
    def _lead(self) -> int:
        """Where the space before the present place begins."""
        return self.solid

    def _skip(self) -> None:
        """Go on to what is neither space nor a comment."""
        while True:
            found = _SPACE.match(self.text, self.place)
            self.place = found.end() if found else self.place
            comment = _COMMENT.match(self.text, self.place)
            if not comment:
                return
            if not self.comments:
                raise self._error("a comment, which this file may not hold")
            self.place = self.solid = comment.end()

    def _error(self, what: str) -> TextError:
        return TextError(self.text, self.place, what)
