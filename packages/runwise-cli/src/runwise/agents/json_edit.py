"""One named entry put into a JSON file, and taken out again, every other byte left alone.

What is made on the way shows in its form, so that taking out restores what was there: an object
of ours has its member on a line of its own, and goes with it; in one that was there and empty
the member stands right behind the bracket, and the empty object stays.

    {}                    {"mcpServers": {         {
                            "runwise": ...    or     "mcpServers": {   where no file was
                          }}                           "runwise": ...
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from runwise.agents.json_text import TextError, Value, read

if TYPE_CHECKING:
    from runwise.agents.json_text import Member

_INDENT = re.compile(r"[ \t]*\Z")


def entries(text: str, section: str, *, comments: bool = False) -> dict[str, Any]:
    """Return what a section names. Raises ``TextError``."""
    if not text.strip("\ufeff \t\r\n"):
        return {}
    found = _object(text, comments=comments).member(section)
    return _section(text, found).data if found else {}


def put(
    text: str, section: str, name: str, entry: dict[str, Any], *, comments: bool = False
) -> str:
    """Return a text in which a section has the entry; what else the entry held stays in it.

    Raises ``TextError`` for a text that is none, or whose section is no object.
    """
    line = "\r\n" if "\r\n" in text else "\n"
    if not text.strip("\ufeff \t\r\n"):
        return (
            f"{text}{line if text else ''}{_dump({section: {name: entry}}, '  ', '', line)}{line}"
        )
    root = _object(text, comments=comments)
    step = _step(text, root)
    holder = root.member(section)
    if holder is None:
        return _insert(text, root, section, {name: entry}, step=step, line=line)
    inside = _section(text, holder)
    there = inside.member(name)
    if there is None:
        return _insert(text, inside, name, entry, step=step, line=line)
    old: Any = there.value.data
    whole: dict[str, Any] = {**old, **entry} if isinstance(old, dict) else entry
    if whole == old:
        return text
    indent = _indent_of(text, there.start)
    drawn = json.dumps(whole, ensure_ascii=False) if indent is None else ""
    drawn = drawn or _dump(whole, step, indent or "", line)
    return text[: there.value.start] + drawn + text[there.value.end :]


def take(text: str, section: str, name: str, *, comments: bool = False) -> str | None:
    """Return a text without the entry; None where nothing but ours was in the file.

    Raises ``TextError``.
    """
    if name not in entries(text, section, comments=comments):
        return text
    root = _object(text, comments=comments)
    holder = root.member(section)
    if holder is None or not _is_ours(text, holder.value):
        return _remove(text, holder.value if holder else root, name)
    before = text[: root.start]
    if _is_ours(text, root) and not before.strip("\ufeff \t\r\n"):
        return _without_line(before) if before else None
    return _remove(text, root, section)


def _object(text: str, *, comments: bool) -> Value:
    root = read(text, comments=comments)
    if not isinstance(root.data, dict):
        raise TextError(text, root.start, "not an object in braces")
    return root


def _section(text: str, member: Member) -> Value:
    if not isinstance(member.value.data, dict):
        raise TextError(text, member.start, f"{member.name} is not an object in braces")
    return member.value


def _insert(text: str, inside: Value, name: str, data: Any, *, step: str, line: str) -> str:
    """Put a member behind the last one, in the manner of its neighbours."""
    key = json.dumps(name, ensure_ascii=False)
    if not inside.members:
        member = f"{key}: {_dump(data, step, _line_indent(text, inside.start), line)}"
        return text[: inside.start + 1] + member + text[inside.start + 1 :]
    last = inside.members[-1]
    indent = _line_indent(text, last.start)
    alone = _indent_of(text, last.start) is not None
    gap = line + indent if alone or "\n" in text[last.value.end : inside.end] else " "
    member = f"{gap}{key}: {_dump(data, step, indent, line)}"
    if last.comma is not None:
        return text[: inside.last] + member + "," + text[inside.last :]
    end = last.value.end
    return text[:end] + "," + text[end : inside.last] + member + text[inside.last :]


def _remove(text: str, inside: Value, name: str) -> str:
    """Take a member out, with one of the commas beside it."""
    member = inside.member(name)
    if member is None:
        return text
    place = inside.members.index(member)
    if member.comma is not None:
        return text[: member.lead] + text[member.comma + 1 :]
    before = inside.members[place - 1].comma if place else None
    if before is None:
        return text[: member.lead] + text[member.value.end :]
    return text[:before] + text[before + 1 : member.lead] + text[member.value.end :]


def _is_ours(text: str, inside: Value) -> bool:
    """Tell whether an object has one member on a line of its own and nothing beside it."""
    if len(inside.members) != 1:
        return False
    only = inside.members[0]
    lead = text[inside.start + 1 : only.start]
    rest = text[only.value.end : inside.end - 1]
    return "\n" in lead and not lead.strip() and not rest.strip()


def _without_line(before: str) -> str:
    return before.removesuffix("\n").removesuffix("\r")


def _step(text: str, root: Value) -> str:
    """Return how a file indents: as its first member does, else by two spaces."""
    indent = _indent_of(text, root.members[0].start) if root.members else None
    return indent or "  "


def _indent_of(text: str, place: int) -> str | None:
    """Return the space before a place if nothing else is on its line."""
    found = _INDENT.search(text, 0, place)
    begin = found.start() if found else place
    return text[begin:place] if begin and text[begin - 1] == "\n" else None


def _line_indent(text: str, place: int) -> str:
    begin = text.rfind("\n", 0, place) + 1
    line = text[begin:place].lstrip("\ufeff")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _dump(data: Any, step: str, indent: str, line: str) -> str:
    """Write a value on several lines, a list of plain values on one."""
    if not isinstance(data, dict) or not data:
        return json.dumps(data, ensure_ascii=False)
    deeper = indent + step
    members: list[str] = []
    for key, value in data.items():  # pyright: ignore[reportUnknownVariableType] - any JSON
        name = json.dumps(key, ensure_ascii=False)
        members.append(f"{deeper}{name}: {_dump(value, step, deeper, line)}")
    return "{" + line + f",{line}".join(members) + line + indent + "}"
