"""Windows of lines as tables: each kind of line at once, and all rows in their order."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING

from runwise_parsers.console_log.columns import Lines, cells_of, renumber, texts_of, times_of
from runwise_parsers.console_log.kind import VARYING, Kind, kind_of
from runwise_parsers.console_log.order import Memory, Place, filled, places_of, quick_steps
from runwise_parsers.console_log.places import ConsolePosition
from runwise_parsers.console_log.sample import blocked, led, plain
from runwise_parsers.json_log.table import Table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from runwise_parsers.console_log.sample import Sampled
    from runwise_parsers.json_log.steps import Position

_MOST_KINDS = 1 << 13
_NUMBERS = re.compile(rb"[0-9]|(?i:nan|inf)")
"""What a line needs to tell of its kind: a rule may look like the row below it."""
STEP, CLOCK = " step", " time"
"""What rows call their step and their time; no metric begins with a blank."""


class ConsoleReader:
    """Reads a log's windows one after the other; learns kinds of lines as it meets them."""

    def __init__(self, sampled: Sampled, names: Collection[str] | None) -> None:
        self._template = sampled.template
        self._order = sampled.order
        self._ranks = sampled.ranks
        self._names = names
        self._kinds: dict[bytes, list[Kind]] = {}

    def lines(self, data: bytes, *, anywhere: bool = False) -> bytes:
        """Return the lines to read, one for each table; each ends in a line's end."""
        data = led(plain(data), self._ranks)
        if self._template is not None and self._template.blocks:
            return blocked(data, anywhere=anywhere)
        return data if data.endswith(b"\n") else data + b"\n"

    def table(self, data: bytes, position: Position) -> Table:
        """Return whole lines as a table and move ``position`` on."""
        met = self._tables(data) or self._grouped(self.lines(data))
        if not self._order.by:
            met = [lines for lines in met if lines.kind.found.metrics]
        count = sum(len(lines.rows) for lines in met)
        if len(met) > 1 or (met and len(met[0].rows) != met[0].rows[-1] + 1):
            renumber(met)
        steps = self._steps(met, count, position)
        return Table(steps, times_of(met, count), cells_of(met, self._names, count))

    def rows(self, data: bytes) -> list[dict[str, object]]:
        """Return whole lines as rows, each with its own step if it has one.

        Of tables, the first may lack its beginning: it is left out.
        """
        met = self._grouped(self.lines(data, anywhere=True))
        if not self._order.by:
            met = [lines for lines in met if lines.kind.found.metrics]
        if not met:
            return []
        renumber(met)
        rows: list[dict[str, object]] = [{} for lines in met for _ in lines.rows]
        for lines in met:
            for row, step in zip(lines.rows, self._order.steps(lines.roles()) or ()):  # noqa: B905  or none
                rows[row][STEP] = step
            for row, clock in zip(lines.rows, lines.clocks(), strict=True):
                if clock is not None:
                    rows[row][CLOCK] = clock
        for name, (values, places) in cells_of(met, None, len(rows)).items():
            held = range(len(rows)) if places is None else places
            for row, value in zip(held, values, strict=True):
                rows[row][name] = value
        return rows

    def totals(self, data: bytes) -> float | None:
        """Return the newest of the steps that lines say the run means to reach."""
        found: float | None = None
        at = -1
        for lines in self._grouped(self.lines(data, anywhere=True)):
            total = self._order.total(lines.totals())
            if total is not None and lines.rows[-1] > at:
                found, at = total, lines.rows[-1]
        return found

    def _grouped(self, data: bytes) -> list[Lines]:
        """Return the lines that hold something, by their kinds; rows are numbers of lines."""
        skeletons = data.translate(None, VARYING).split(b"\n")
        skeletons.pop()
        if not skeletons:
            return []
        if len(self._kinds) > _MOST_KINDS:
            self._kinds.clear()
        first = skeletons[0]
        if skeletons.count(first) == len(skeletons):
            kinds = self._kinds_of(first, data[: data.find(b"\n")])
            return self._read(first, kinds, data, range(len(skeletons)))
        return self._mixed(data, skeletons)

    def _tables(self, data: bytes) -> list[Lines]:
        """Return the tables of a window in which all are alike, without making lines of them."""
        rule = self._rule(data)
        end = data.find(rule, len(rule)) if rule else -1
        if end < 0:
            return []
        unit = data[: end + len(rule)]
        skeleton, one = data.translate(None, VARYING), unit.translate(None, VARYING)
        count = len(skeleton) // len(one)
        if skeleton != one * count or b"/ " in unit:
            return []
        whole = next((line for line in blocked(unit).split(b"\n") if line[:1] == b"|"), b"")
        kinds = self._kinds_of(one, whole)
        if not kinds or kinds[0].line is None:
            return []
        source = kinds[0].line.pattern.replace(rb"\|\|", rb"\|[ \t]*\n[ \t]*\|")
        texts = re.compile(source, re.MULTILINE).findall(data)
        return [Lines(kinds[0], range(count), texts)] if len(texts) == count else []

    def _rule(self, data: bytes) -> bytes:
        """Return the rule that a window of tables begins with, with its line's end."""
        if self._template is None or not self._template.blocks or not data.startswith(b"-"):
            return b""
        rule = data[: data.find(b"\n") + 1]
        return rule if rule.strip(b"-") == b"\n" else b""

    def _mixed(self, data: bytes, skeletons: list[bytes]) -> list[Lines]:
        places: dict[bytes, list[int]] = {}
        for place, skeleton in enumerate(skeletons):
            if skeleton in places:
                places[skeleton].append(place)
            else:
                places[skeleton] = [place]
        lines: list[bytes] | None = None
        found: list[Lines] = []
        for skeleton, rows in places.items():
            known = self._kinds.get(skeleton)
            if known is not None and not known:
                continue
            lines = data.split(b"\n") if lines is None else lines
            told = next((lines[row] for row in rows if _NUMBERS.search(lines[row])), b"")
            kinds = self._kinds_of(skeleton, told) if told else []
            if kinds:
                alike = b"\n".join([lines[row] for row in rows]) + b"\n"
                found += self._read(skeleton, kinds, alike, rows)
        return found

    def _kinds_of(self, skeleton: bytes, line: bytes) -> list[Kind]:
        if skeleton not in self._kinds:
            kind = self.kind(line)
            self._kinds[skeleton] = [] if kind is None else [kind]
        return self._kinds[skeleton]

    def kind(self, line: bytes) -> Kind | None:
        """Return what kind of line this is, ``None`` for one that holds nothing."""
        text = line.decode("latin-1")
        found = self._template.find(text) if self._template else None
        return None if found is None else kind_of(text, found)

    def _read(
        self, skeleton: bytes, kinds: list[Kind], data: bytes, rows: Sequence[int]
    ) -> list[Lines]:
        """Return lines of one skeleton: most often all are of one kind."""
        if not kinds:
            return []
        if kinds[0].line is not None:
            groups = len(kinds[0].fields) + (kinds[0].stamp == 0)
            texts = kinds[0].line.findall(data)
            if len(texts) == len(rows):
                return [Lines(kinds[0], rows, texts if groups > 1 else [(one,) for one in texts])]
        return self._singly(skeleton, kinds, data, rows)

    def _singly(
        self, skeleton: bytes, kinds: list[Kind], data: bytes, rows: Sequence[int]
    ) -> list[Lines]:
        met: dict[int, tuple[Kind, list[int], list[tuple[bytes, ...]]]] = {}
        for row, line in zip(rows, data.split(b"\n"), strict=False):
            kind, texts = self._alone(skeleton, kinds, line)
            if kind is not None:
                one = met.setdefault(id(kind), (kind, [], []))
                one[1].append(row)
                one[2].append(texts)
        return [Lines(kind, places, texts) for kind, places, texts in met.values()]

    def _alone(
        self, skeleton: bytes, kinds: list[Kind], line: bytes
    ) -> tuple[Kind | None, tuple[bytes, ...]]:
        """Return the kind of one line, a new one where none known fits, and its numbers."""
        for kind in kinds:
            match = kind.line.fullmatch(line + b"\n") if kind.line else None
            if match is not None:
                return kind, match.groups()
        kind = self.kind(line)
        if kind is None:
            return None, ()
        if kind.line is not None and len(kinds) < 8:
            self._kinds[skeleton].append(kind)
        return kind, texts_of(kind, line)

    def _steps(self, met: list[Lines], count: int, position: Position) -> array[float]:
        first, order = position.rows, self._order
        position.rows += count
        if not order.by:
            return array("d", range(first, position.rows))
        if order.remembers and isinstance(position, ConsolePosition):
            return array("d", self._remembered(met, count, position))
        own = order.steps(met[0].roles()) if len(met) == 1 else None
        if own is not None and count:
            position.step = own[-1]
            return own
        steps: list[float | None] = [None] * count
        for lines in met:
            for row, step in zip(lines.rows, order.steps(lines.roles()) or ()):  # noqa: B905  or none
                steps[row] = step
        return array("d", filled(steps, position))

    def _remembered(
        self, met: list[Lines], count: int, position: ConsolePosition
    ) -> Sequence[float]:
        """Return steps that depend on lines before, and remember what these lines say."""
        base = self._order.base
        epoch = base if position.epoch < 0 else position.epoch
        memory = Memory(epoch, position.batch, position.headed)
        quick = quick_steps(met[0].roles(), memory, base) if len(met) == 1 else None
        if quick is None:
            places: list[Place] = [(None, None, None)] * count
            for lines in met:
                told = places_of(lines.roles(), len(lines.rows))
                for row, place in zip(lines.rows, told, strict=True):
                    places[row] = place
            steps = filled([memory.step(base, place) for place in places], position)
        else:
            steps, position.step = quick, quick[-1]
        position.epoch, position.batch, position.headed = memory.epoch, memory.batch, memory.headed
        return steps
