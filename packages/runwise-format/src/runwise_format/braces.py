"""Names that share a beginning, said once: ``train/{loss .3,acc .9}``, as a shell would.

Branches that differ in a number alone are one too: ``layer_{0..11}/{grad,weight}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise_format.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEEPEST = 4  # braces inside braces; beyond, nobody can follow
FEWEST = 3  # numbers worth a range
_NUMBERED = re.compile(r"(.*?(?<!\d))(0|[1-9]\d{0,5})(\D*)")


def grouped(
    items: Mapping[str, str], separator: str, depth: int = 0, *, slash: str = "/", sign: str = " "
) -> str:
    """Return names and values, those that share a prefix in braces, where that is shorter.

    ``slash`` ends a prefix; ``sign`` stands between a name and its value. A name whose value is
    empty stands alone.

    >>> grouped({"train/loss": ".3", "train/accuracy": ".9", "lr": ""}, ", ")
    'train/{loss .3,accuracy .9}, lr'
    """
    groups: dict[str, dict[str, str]] = {}
    for key, value in items.items():
        head, end, rest = key.partition(slash)
        shared = bool(head and rest) and not key.startswith('"') and depth < DEEPEST
        groups.setdefault(head + end if shared else key, {})[rest if shared else ""] = value

    def group(head: str, members: Mapping[str, str]) -> tuple[str, str]:
        """Return head and body of a branch; a body without a head is complete."""
        flat = separator.join(
            f"{head}{key}{sign if value else ''}{value}" for key, value in members.items()
        )
        if len(members) == 1:
            return "", flat
        body = f"{{{grouped(members, ',', depth + 1, slash=slash, sign=sign)}}}"
        return (head, body) if count_tokens(head + body) < count_tokens(flat) else ("", flat)

    return separator.join(_ranged([group(head, members) for head, members in groups.items()]))


def _ranged(parts: Sequence[tuple[str, str]]) -> list[str]:
    """Return branches as text; those alike but for a number are one, at the first one's place."""
    numbers: dict[tuple[str, str, str], list[int]] = {}
    for head, body in parts:
        match = _NUMBERED.fullmatch(head) if head else None
        if match:
            numbers.setdefault((match[1], match[3], body), []).append(int(match[2]))
    said: dict[str, None] = {}
    for head, body in parts:
        match = _NUMBERED.fullmatch(head) if head else None
        found = sorted(numbers[match[1], match[3], body]) if match else []
        whole = len(found) >= FEWEST and found == list(range(found[0], found[-1] + 1))
        if match and whole:
            said[f"{match[1]}{{{found[0]}..{found[-1]}}}{match[3]}{body}"] = None
        else:
            said[head + body] = None
    return list(said)
