"""A run's W&B logs in slices, and how what these tell becomes what a whole pass learns."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from runwise_parsers.leveldb.blockfile import WINDOW
from runwise_parsers.leveldb.mending import HEADER_SIZE
from runwise_parsers.slices import Reading, Slice, Sliced, Told
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.places import head
from runwise_parsers.wandb_log.slice import Aggregates, LogReading, LogSlice, walked
from runwise_parsers.wandb_log.summary import Summaries, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from runwise_parsers.wandb_log.segments import Part


@dataclass(slots=True)
class Joined:
    """What a pass learned besides the curves.

    ``place`` is where it ended: log, offset, rows before it, step of its last row.
    """

    description: Description = field(default_factory=Description)
    summaries: Summaries = field(default_factory=Summaries)
    media: dict[str, str] = field(default_factory=dict[str, str])
    place: tuple[int, int, int, float | None] | None = None


@dataclass(slots=True)
class _Log:
    """What is known of the log whose slices are being joined."""

    number: int
    mark: list[int]
    rows: int = 0
    lost: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    holes: int = 0
    media: dict[str, str] = field(default_factory=dict[str, str])


class SlicedLogs(Sliced):
    """Logs in slices of about ``size`` bytes; ``passed`` takes what was learned of them all."""

    def __init__(
        self, segments: Sequence[Part], size: int, passed: Callable[[Joined], str]
    ) -> None:
        self._segments, self._passed = segments, passed
        self._slices = list(_cut(segments, max(1, size // WINDOW) * WINDOW))
        self._next = 0
        self._found = Joined()
        self._log = _Log(-1, [])

    @property
    def slices(self) -> Sequence[Slice]:
        """All slices, in their order."""
        return self._slices

    def take(self, told: Told) -> int | None:
        """Take what the next slice told, if what it supposed is so."""
        part = self._slices[self._next]
        if part.number != self._log.number:
            self._begin_log(part)
        try:
            if not self._fits(told):
                return None
            self._take(told)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError("this is not what a slice of a W&B log told") from error
        self._next += 1
        return part.number

    def again(self) -> Reading:
        """Return the rows of the next slice, read with what is known of those before it."""
        part = replace(
            self._slices[self._next],
            by_core=bool(self._log.mark[-1]),
            aggregates=dict(self._found.description.aggregates),
        )
        offset, start, _, number, row, by_core = self._log.mark
        frames = walked(part.path, start, offset, bool(by_core))
        frames.begin_here(number, row)
        if frames.mark() != self._log.mark:
            raise ValueError(f"{part.path.name} changed while it was read")
        return LogReading(part, frames, self._log.media)

    def finish(self) -> tuple[int, str]:
        """Let the run answer as after a whole pass; return the last segment and the cursor."""
        cursor = self._passed(self._found)
        return (self._found.place or (0,))[0], cursor

    def _begin_log(self, part: LogSlice) -> None:
        self._found.description.next_segment()
        by_core = int(part.by_core)
        self._log = _Log(part.number, [HEADER_SIZE, HEADER_SIZE, 0, 0, 0, by_core])
        self._segments[part.number].dropped = 0

    def _fits(self, told: Mapping[str, Any]) -> bool:
        """Say whether a slice began where the one before ended, with all that was known there."""
        known = self._found.description.aggregates
        asked = {name: tuple(parts) for name, parts in told["asked"].items()}
        media = tuple(f"{one}." for one in self._log.media.keys() - set(told["knew"]))
        taken_for_metrics = any(name.startswith(media) for name in told["last"])
        same = told["log"] == self._log.number and told["begin"] == self._log.mark
        return same and asked == known and not taken_for_metrics

    def _take(self, told: Mapping[str, Any]) -> None:
        log, found = self._log, self._found
        segment = self._segments[log.number]
        for kind, body in told["kept"]:
            found.description.take([(kind, b64decode(body))])
        _add(found.summaries, told)
        holes, leaps = told["holes"]
        log.holes += holes + (leaps if log.lost else 0)
        log.lost += [(begin, end) for begin, end in told["lost"]]
        log.media |= told["media"]
        found.media |= told["media"]
        segment.dropped += told["dropped"]
        if told["place"] is not None:
            offset, rows, step = told["place"]
            found.place = (log.number, offset, log.rows + rows, step)
        log.rows += told["rows"]
        log.mark = told["end"]
        segment.log.by_core = bool(log.mark[-1])
        if told["whole"]:
            segment.log.note(log.lost, log.holes, torn=told["torn"], first=True)


def _cut(segments: Sequence[Part], size: int) -> Iterator[LogSlice]:
    """Yield the slices of all logs; what their heads tell is supposed to be all they tell."""
    known = Description()
    for number, segment in enumerate(segments):
        log, before = segment.log, _copied(known)
        head(log, known)
        cuts = [HEADER_SIZE, *range(size, log.size(), size)]
        for begin, end in zip(cuts, [*cuts[1:], None], strict=True):
            asked = before if begin == HEADER_SIZE else _copied(known)
            yield LogSlice(
                log.path, begin, end, number, segment.shift, segment.limit, log.by_core, asked
            )


def _copied(known: Description) -> Aggregates:
    return dict(known.aggregates)


def _add(summaries: Summaries, told: Mapping[str, Any]) -> None:
    """Add the last values, lowest, highest ... of a later slice."""
    summaries.last |= told["last"]
    summaries.internal |= dict.fromkeys(told["internal"])
    for name, plain in told["tallies"].items():
        new, known = Tally(**plain), summaries.tallies.setdefault(name, Tally())
        known.low, known.high = min(known.low, new.low), max(known.high, new.high)
        known.total += new.total
        known.count += new.count
        known.first = new.first if known.first is None else known.first
