"""A pass over the files of a run: batches, and what is learned on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from math import inf
from typing import TYPE_CHECKING

from runwise_parsers.series import Batch, Series
from runwise_parsers.tensorboard_log.events import TEXT
from runwise_parsers.tensorboard_log.notes import Notes
from runwise_parsers.tensorboard_log.places import Place
from runwise_parsers.tensorboard_log.rounds import Round, rounds
from runwise_parsers.tensorboard_log.windows import WINDOW

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from runwise_parsers.tensorboard_log.launches import Part
    from runwise_parsers.tensorboard_log.pieces import Piece

_SMALLEST = 1 << 16


@dataclass(slots=True)
class Passage:
    """Goes on from a place to the end of all files.

    ``wanted`` are the names of metrics, all for ``None``. ``last`` are newest values by name.
    """

    source: str
    parts: Sequence[Part]
    wanted: frozenset[str] | None = None
    place: Place = field(default_factory=Place)
    notes: Notes = field(default_factory=Notes)
    last: dict[str, float] = field(default_factory=dict[str, float])

    def batches(self) -> Iterator[Batch]:
        """Yield what there is, launch by launch, writers that ran side by side together."""
        for launch, group in groupby(self.parts, key=lambda part: part.launch):
            grown = [part for part in group if part.file.size() > self.place.of(part)]
            step = max(_SMALLEST, WINDOW // max(1, len(grown)))
            for part in grown:
                part.dropped = part.dropped if self.place.of(part) else 0
            streams = [
                part.file.pieces(part.wanted(self.wanted), self.place.of(part), step)
                for part in grown
            ]
            for one in rounds(grown, streams):
                yield from self._batches_of(one, launch)

    def _batches_of(self, one: Round, launch: int) -> Iterator[Batch]:
        """Yield one batch for pieces that go on, and one for each that opens a segment."""
        calm = [pair for pair in one if not pair[1].fell]
        for some in filter(None, (calm, *([pair] for pair in one if pair[1].fell))):
            moved = any(piece.end > self.place.of(part) for part, piece in some)
            columns = self._columns(some)
            if columns:
                later = -1 < self.place.launch < launch
                self.place.segment += later or some is not calm
                self.place.launch = max(launch, self.place.launch)
            if moved or columns:
                cursor = self.place.written(self.source, self.parts)
                yield Batch(columns, self.place.segment, cursor)

    def _columns(self, some: Round) -> dict[str, Series]:
        """Return pieces as series, and learn from what else is in them."""
        columns: dict[str, Series] = {}
        for part, piece in some:
            self.place.offsets[part.key] = max(piece.end, self.place.of(part))
            shifted: dict[int, array[float]] = {}
            for tag, points in piece.points.items():
                kept = part.placed(tag, points)
                part.dropped += len(points) - len(kept)
                if len(kept):
                    name = part.name_of(tag)
                    if name in columns:  # another writer has this name too
                        name = f"{part.writer.below or part.file.path.name}/{tag}"
                    columns[name] = part.series(name, kept, shifted)
                    self.last[name] = kept.values[-1]
            self._learn(part, piece)
        return columns

    def _learn(self, part: Part, piece: Piece) -> None:
        """Take notes of what is no scalar."""
        for event in piece.events:
            begun = inf
            if any(value.kind == TEXT for value in event.values):
                first = part.file.start(quick=True).first
                begun = inf if first is None else first
            self.notes.take(event, begun)
