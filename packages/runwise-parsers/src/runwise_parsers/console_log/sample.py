"""A sample of a log, what it is recognised by, and what is decided on it for all of the log."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from runwise_parsers.console_log.kind import VARYING, Kind, kind_of
from runwise_parsers.console_log.number import value_of
from runwise_parsers.console_log.order import Order, Values, order_of, within_epochs
from runwise_parsers.console_log.template_shelf import known_templates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.console_log.form import Found
    from runwise_parsers.console_log.template import Template

SAMPLE = 1 << 16
"""Bytes at each end of a log that are looked at."""
ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\^_])")
RANK = re.compile(
    rb"^(?:\[(?:rank|RANK|Rank|gpu|GPU) ?:?(\d{1,5})\]:? ?"
    rb"|\[\d{1,5},(\d{1,5})\]<std(?:out|err)>: ?|rank ?(\d{1,5}) ?[:|] ?|(\d{1,3}): )",
    re.MULTILINE,
)
_TELLING = re.compile(r"[0-9]|(?i:nan|inf)")
_FEW_RANKED = 0.5
_MOST_LINES = 4000


@dataclass(frozen=True, slots=True)
class Ranks:
    """Processes whose lines are mixed; ``lead`` is the one that is read, ``None`` for no mix."""

    lead: bytes | None = None
    others: tuple[int, ...] = ()
    alike: bool = True


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a sample says of a log: who printed it, what orders its rows, whose lines they are."""

    template: Template | None = None
    order: Order = field(default_factory=Order)
    ranks: Ranks = field(default_factory=Ranks)


@lru_cache(maxsize=8)
def sampled(head: bytes, tail: bytes) -> Sampled:
    """Return what the two ends of a log say of it; the head, where it says enough."""
    ranks = _ranks(head + b"\n" + tail)
    for data in (head, head + b"\n" + tail) if tail else (head,):
        lines = lines_of(data, ranks)
        template = _best(lines)
        if template is not None:
            every = lines_of(head + b"\n" + tail, ranks) if tail else lines
            order = within_epochs(_order(template, lines), _places(template, every))
            return Sampled(template, order, ranks)
    return Sampled(ranks=ranks)


def printer(data: bytes) -> Template | None:
    """Return the template of some lines, whatever orders them: half the work of ``sampled``."""
    return _best(lines_of(data, _ranks(data)))


def recognise(lines: Sequence[str]) -> str | None:
    """Return the name of the template that lines were printed by, ``None`` for no training log."""
    texts = [line.encode("utf-8", "replace").decode("latin-1") for line in lines]
    joined = blocked("\n".join([*texts, ""]).encode("latin-1")) if texts else b""
    template = _best([*texts, *_table_lines(joined)])
    return template.name if template else None


def lines_of(data: bytes, ranks: Ranks) -> list[str]:
    """Return the lines of a sample as they are read: without colours and other processes."""
    clean = led(plain(data), ranks)
    lines = [line for line in clean.decode("latin-1").split("\n") if line.strip()]
    half = _MOST_LINES // 2
    return [*lines[:half], *lines[half:][-half:], *_table_lines(blocked(clean))]


def _table_lines(data: bytes) -> list[str]:
    return [line for line in data.decode("latin-1").split("\n") if line.lstrip().startswith("|")]


def _best(lines: Sequence[str]) -> Template | None:
    """Return the template that fits most lines."""
    best: tuple[float, Template] | None = None
    counts, texts = _shapes(lines)
    for each in known_templates():
        template = each.adapted(each, lines) if each.adapted else each
        fits = sum(count for shape, count in counts.items() if template.fits(texts[shape]))
        score = fits * template.weight
        if template.again and not _repeats(template, counts, texts):
            continue
        if fits >= template.fewest and (best is None or score > best[0]):
            best = (score, template)
    return best[1] if best else None


def _repeats(template: Template, counts: Counter[bytes], texts: dict[bytes, str]) -> bool:
    """Say whether a metric stands in more than one line, as settings and results do not."""
    names: Counter[str] = Counter()
    for shape, count in counts.items():
        found = template.find(texts[shape])
        for name in {one.name for one in found.spots if not one.role} if found else ():
            names[name] += count
            if names[name] > 1:
                return True
    return False


def _shapes(lines: Sequence[str]) -> tuple[Counter[bytes], dict[bytes, str]]:
    """Return how often lines differ in nothing but numbers, and the first of each.

    Lines without a number are left out: a rule may look like the row below it.
    """
    lines = [line for line in lines if _TELLING.search(line)]
    shapes = [line.encode("latin-1", "replace").translate(None, VARYING) for line in lines]
    return Counter(shapes), dict(zip(reversed(shapes), reversed(lines), strict=True))


def _order(template: Template, lines: Sequence[str]) -> Order:
    counts, texts = _shapes(lines)
    last = _shapes(lines[::-1])[1]
    ends = [(shape, one[shape]) for one in (texts, last) for shape in texts]
    found = [(counts[shape], text, template.find(text)) for shape, text in ends]
    return order_of(
        (count, one.metrics > 0, roles_of(text, one))
        for count, text, one in found
        if one is not None
    )


def _places(template: Template, lines: Sequence[str]) -> Iterator[Values]:
    """Yield what lines that print both an epoch and a count say of their places."""
    known: dict[bytes, Kind | None] = {}
    for text in lines:
        line = text.encode("latin-1", "replace")
        shape = line.translate(None, VARYING)
        if shape not in known:
            found = template.find(text)
            told = found is not None and found.metrics > 0 and found.has("epoch")
            known[shape] = kind_of(text, found) if found is not None and told else None
        kind = known[shape]
        if kind is not None:
            yield from _place(template, kind, text, line)


def _place(template: Template, kind: Kind, text: str, line: bytes) -> Iterator[Values]:
    match = kind.line.match(line + b"\n") if kind.line else None
    if match is not None:
        numbers = match.groups()[1 if kind.stamp == 0 else 0 :]
        told = zip(kind.fields, numbers, strict=True)
        yield {one.role: value_of(number) for one, number in told if one.role}
    elif kind.line is None and (found := template.find(text)) is not None:
        yield roles_of(text, found)


def roles_of(text: str, found: Found) -> Values:
    """Return what a line says of its place."""
    return {
        one.role: value_of(text[one.begin : one.end].encode("latin-1")) * one.scale
        for one in found.spots
        if one.role
    }


def plain(data: bytes) -> bytes:
    """Return lines without colours and other commands to a terminal."""
    return ANSI.sub(b"", data) if b"\x1b" in data else data


def led(data: bytes, ranks: Ranks) -> bytes:
    """Return the lines of one process, without its name in front of them."""
    if ranks.lead is None:
        return data
    kept: list[bytes] = []
    for line in data.split(b"\n"):
        match = RANK.match(line)
        if match is None:
            kept.append(line)
        elif match[match.lastindex or 0] == ranks.lead:
            kept.append(line[match.end() :])
    return b"\n".join(kept)


def _ranks(data: bytes) -> Ranks:
    """Return whose lines stand in a sample, where most begin with the number of a process."""
    lines = [line for line in plain(data).split(b"\n") if line.strip()]
    matches = [(RANK.match(line), line) for line in lines]
    ranked = [(match, line) for match, line in matches if match is not None]
    if len(ranked) < max(2, len(lines) * _FEW_RANKED):
        return Ranks()
    by_rank: dict[bytes, list[bytes]] = {}
    for match, line in ranked:
        by_rank.setdefault(match[match.lastindex or 0], []).append(line[match.end() :])
    if len(by_rank) * 2 > len(ranked):
        return Ranks()  # numbers that count the lines
    lead = min(by_rank, key=int)
    others = tuple(sorted(int(rank) for rank in by_rank if rank != lead))
    known = set(by_rank[lead])
    alike = all(set(texts) <= known for rank, texts in by_rank.items() if rank != lead)
    return Ranks(lead, others, alike)


_RULE = re.compile(rb"(?:^|(?<=\n))[ \t]*[-=+]{3,}[ \t]*\n")
_INNER = re.compile(rb"\|[ \t]*\n[ \t]*\|")
_SECTION = re.compile(rb"\|\s*([^|\n]*?/)\s*\|\s*\|")


def blocked(data: bytes, *, anywhere: bool = True) -> bytes:
    """Return lines in which each table is one: all its cells behind each other.

    What stands behind the last rule is left out: the table may go on. ``anywhere`` says that the
    first one may lack its beginning: what stands before the first rule is left out.
    """
    if b"\n\n" in data:
        data = re.sub(rb"\n{2,}", b"\n", data)
    end = data.rfind(b"|\n") + 2
    last = _RULE.search(data, end) if end > 1 else None
    while end > 1 and last is None:  # the last table has no end yet
        data = data[: end - 2]
        before = [match.end() for match in _RULE.finditer(data)]
        data = data[: before[-1]] if before else b""
        end = data.rfind(b"|\n") + 2
        last = _RULE.search(data, end) if end > 1 else None
    first = _RULE.search(data) if anywhere and b"|" in data else None
    data = data[first.start() :] if first is not None else data
    if b" \n" in data or b"\n " in data or b"\t" in data:
        data = _INNER.sub(b"||", data)
    else:
        data = data.replace(b"|\n|", b"||")
    rule = _RULE.search(data)
    if rule is not None:  # most tables end in a rule, and the next begins with one
        data = data.replace(b"\n" + rule.group() * 2, b"\n")
    if b"/ " not in data or not _SECTION.search(data):
        return data
    return b"\n".join(_sectioned(line) for line in data.split(b"\n"))


def _sectioned(line: bytes) -> bytes:
    """Put the headings of a table (``rollout/``) in front of the names below them."""
    line = line.strip(b" \t")
    if not _SECTION.search(line):
        return line
    prefix, parts = b"", list[bytes]()
    for cell in line.strip(b"|").split(b"||"):
        name, _, value = cell.partition(b"|")
        if name.strip().endswith(b"/") and not value.strip(b" |"):
            prefix = name.strip()
        else:
            indented = name.startswith((b"    ", b"     "))
            full = (prefix if indented else b"") + name.strip()
            parts.append(b" " + full + b" |" + value)
    return b"|" + b"||".join(parts) + b"|"
