"""One slice of a W&B log: some windows of a whole pass, read by themselves.

A record that goes over the edge of two windows belongs to the one in which it ends. So a slice
first walks the window before it, for the beginning of such a record and for the count of records,
and tells where it stood then: whoever read the slice before knows whether that is right.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict, dataclass, field
from math import inf
from typing import TYPE_CHECKING

from runwise_parsers.leveldb.blockfile import WINDOW
from runwise_parsers.leveldb.laying import Segment, dropped, place
from runwise_parsers.leveldb.mending import BLOCK, HEADER_SIZE
from runwise_parsers.leveldb.wire import fields, to_varint
from runwise_parsers.series import Batch
from runwise_parsers.slices import Reading, Slice, Told
from runwise_parsers.values import loads
from runwise_parsers.wandb_log.columns import Columns
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.framing import Frames, Record
from runwise_parsers.wandb_log.items import Path as Key
from runwise_parsers.wandb_log.items import parse_item
from runwise_parsers.wandb_log.kinds import METRIC, SUMMARY
from runwise_parsers.wandb_log.pieces import piece_of
from runwise_parsers.wandb_log.summary import Summaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from io import FileIO
    from pathlib import Path

Aggregates = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LogSlice(Slice):
    """Windows ``begin`` to ``end`` of log ``number`` of a run.

    ``shift`` and ``limit`` are its place in the run (see ``Segment``), ``by_core`` and
    ``aggregates`` what is supposed to be known where the slice begins.
    """

    path: Path
    begin: int
    end: int | None
    number: int = 0
    shift: float = 0.0
    limit: float = inf
    by_core: bool = False
    aggregates: Aggregates = field(default_factory=dict[str, "tuple[str, ...]"])

    def read(self) -> Reading:
        """Return its rows, to be read once."""
        frames = Frames(offset=HEADER_SIZE, by_core=self.by_core)
        if self.begin > HEADER_SIZE:
            frames = walked(self.path, self.begin - WINDOW - BLOCK, self.begin, self.by_core)
        return LogReading(self, frames, {})


def walked(path: Path, begin: int, end: int, by_core: bool) -> Frames:  # noqa: FBT001  a state
    """Return the frames behind the bytes between two chunks, nothing of which is handed out."""
    begin = max(HEADER_SIZE, begin)
    frames = Frames(offset=begin, start=begin, by_core=by_core)
    with path.open("rb", buffering=0) as file:
        for data in _windows(file, frames, end):
            frames.walk(data)
    frames.begin_here()
    return frames


def _windows(file: FileIO, frames: Frames, end: int | None) -> Iterator[bytes]:
    """Yield the windows of a log from where the frames are, which are to be walked each."""
    file.seek(frames.offset)
    while end is None or frames.offset < end:
        data = file.read(WINDOW - frames.offset % WINDOW)
        reached = frames.offset + len(data)
        if not data:
            return
        yield data
        if frames.offset < reached:
            return


class LogReading(Reading):
    """Reads a slice from where ``frames`` stand; ``media`` are the objects met before."""

    def __init__(self, part: LogSlice, frames: Frames, media: Mapping[str, str]) -> None:
        self._part, self._frames = part, frames
        self._columns = Columns()
        self._columns.media.update(media)
        self._description = Description(aggregates=dict(part.aggregates))
        self._summaries = Summaries()
        self._kept: list[Record] = []
        self._summary = _Updates()
        self._rows = 0
        self._reached = frames.offset
        self._told: Told = {"log": part.number, "begin": frames.mark(), "knew": list(media)}
        self._told["asked"] = _plain(part.aggregates)
        self._told["place"] = None
        self._told["dropped"] = 0

    def __iter__(self) -> Iterator[Batch]:
        """Yield the rows, a window at a time, where they belong in the run."""
        part, frames = self._part, self._frames
        segment = Segment(part.path, part.shift, part.limit)
        last = frames.start
        with part.path.open("rb", buffering=0) as file:
            for data in _windows(file, frames, part.end):
                self._reached = frames.offset + len(data)
                rows, kept = frames.walk(data)
                self._keep(kept)
                piece = piece_of(rows, self._columns)
                self._rows += len(rows)
                if frames.start == last:
                    continue
                last = frames.start
                columns = place(segment, piece.columns)
                self._summaries.take(columns, self._description.aggregates)
                segment.dropped += dropped(piece.steps, segment)
                step = piece.steps[-1] + part.shift if piece.steps else None
                self._told["place"] = [last, self._rows, step]
                yield Batch(columns, 0, "")
        self._told["dropped"] = segment.dropped

    def _keep(self, kept: Iterable[Record]) -> None:
        """Keep records for those who join the slices."""
        for record in kept:
            if record[0] == SUMMARY:
                self._summary.take(record[1])
            else:
                self._kept.append(record)
                if record[0] == METRIC:
                    self._description.take([record])

    @property
    def told(self) -> Told:
        """What the joined run has to know."""
        frames, summaries = self._frames, self._summaries
        kept = [*self._kept, *((SUMMARY, body) for body in self._summary.bodies())]
        return {
            **self._told,
            "end": frames.mark(),
            "whole": self._part.end is None,
            "torn": frames.start < self._reached,
            "lost": [list(stretch) for stretch in frames.lost],
            "holes": [frames.holes, frames.leaps],
            "rows": self._rows,
            "kept": [[kind, b64encode(body).decode()] for kind, body in kept],
            "aggregates": _plain(self._description.aggregates),
            "last": summaries.last,
            "tallies": {name: asdict(tally) for name, tally in summaries.tallies.items()},
            "internal": list(self._columns.internal),
            "media": self._columns.media,
        }


class _Updates:
    """Summary records of a slice; of all updates of one key only the newest is kept.

    Old clients write the whole summary at each step.
    """

    def __init__(self) -> None:
        self._newest: dict[Key, bytes] = {}

    def take(self, body: bytes) -> None:
        """Take a record; what is broken of it is left out, as it is by ``Description``."""
        try:
            for number, item in fields(body):
                if number not in (1, 2) or not isinstance(item, bytes):
                    continue
                key, value = parse_item(item)
                if not key:
                    continue
                if number == 1:
                    loads(value)
                self._newest.pop(key, None)  # the order of the newest ones is what counts
                self._newest[key] = bytes((number << 3 | 2,)) + to_varint(len(item)) + item
        except ValueError:
            return

    def bodies(self) -> Iterator[bytes]:
        """Return records that change a summary as those that were taken did."""
        yield from self._newest.values()


def _plain(aggregates: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {name: list(parts) for name, parts in aggregates.items()}
