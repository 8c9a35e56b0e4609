"""A run of event files: one file, or those of all its writers and launches."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.run import Run, cut, gather
from runwise_parsers.series import Batch, Series
from runwise_parsers.tensorboard_log.describe import writers_at
from runwise_parsers.tensorboard_log.gaps import gaps_of, media_gap, nothing_gap
from runwise_parsers.tensorboard_log.launches import Part, lay_out, parts_of
from runwise_parsers.tensorboard_log.notes import Notes
from runwise_parsers.tensorboard_log.passage import Passage
from runwise_parsers.tensorboard_log.places import Place, read_place
from runwise_parsers.tensorboard_log.samples import sampled
from runwise_parsers.tensorboard_log.search import pieces_between
from runwise_parsers.tensorboard_log.tail import newest_rows

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo
    from runwise_parsers.tensorboard_log.eventfile import EventFile
    from runwise_parsers.tensorboard_log.points import Points

_FEWEST = 2


class TensorboardRun(Run):
    """Reads the event files of one run, as they are when it is asked."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info
        self._gaps: tuple[Gap, ...] = ()
        self._notes: Notes | None = None
        self._last: dict[str, float] | None = None
        self._files: dict[Path, EventFile] = {}
        self._lost = self._goes_on = False

    @property
    def info(self) -> RunInfo:
        """What the ends of the files say about the run."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        return self._info.gaps + self._gaps

    def config(self) -> dict[str, object]:
        """Return hyperparameters, and the texts that were logged before training began."""
        if self._notes is None:
            for _ in self.batches(()):
                pass
        return self._notes.config() if self._notes else {}

    def summary(self) -> dict[str, object]:
        """Return the last value of every metric."""
        return dict(self._known())

    def metrics(self) -> tuple[str, ...]:
        """Return the names of all metrics, in the order in which they were first logged."""
        return tuple(self._known())

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield what was logged after ``cursor``; a restart, or a fall of a step, is a segment."""
        parts = self._parts()
        passage = Passage(self._info.source, parts, None if names is None else frozenset(names))
        restart = False
        if cursor is not None:
            place = read_place(cursor, self._info.source, parts)
            restart = place is None
            passage.place = place or Place()
            if self._goes_on and place is not None:
                passage.notes, passage.last = self._notes or Notes(), self._last or {}
        whole = cursor is None or restart or self._goes_on
        for batch in passage.batches():
            yield Batch(batch.columns, batch.segment, batch.cursor, restart)
            restart = False
        if restart:
            yield Batch({}, 0, Place().written(self._info.source, parts), restart)
        self._note(passage, whole=whole)

    def told(self) -> dict[str, object] | None:
        """Return last values and notes; ``None`` where something was lost on the way."""
        if self._notes is None or self._last is None or self._lost:
            return None
        return {"last": self._last, "notes": self._notes.told()}

    def recall(self, told: Mapping[str, object]) -> None:
        """Take back what ``told`` returned."""
        self._notes = Notes.recalled(cast("dict[str, object]", told["notes"]))
        self._last = cast("dict[str, float]", told["last"])
        self._goes_on = True

    def overview(self, rows: int) -> dict[str, Series]:
        """Return about ``rows`` exact points of each metric, from all over the files."""
        parts = self._parts()
        sizes = [part.file.size() for part in parts]
        found: list[dict[str, Series]] = []
        for part, size in zip(parts, sizes, strict=True):
            share = max(_FEWEST, -(-rows * size // max(1, sum(sizes))))
            found.append(_series(part, sampled(part.file, share if len(parts) > 1 else rows)))
        return gather(found)

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        """Return the points between two steps, both included; see ``search`` for what it costs."""
        wanted = None if names is None else frozenset(names)
        found: list[dict[str, Series]] = []
        for part in self._parts():
            first, last = first_step - part.shift, last_step - part.shift
            for piece in pieces_between(part.file, first, last, part.wanted(wanted)):
                curves = _series(part, piece.points).items()
                cuts = {name: cut(one, first_step, last_step) for name, one in curves}
                found.append({name: one for name, one in cuts.items() if len(one)})
        return gather(found)

    def tail(self, rows: int) -> dict[str, Series]:
        """Return what was logged at the newest steps."""
        return newest_rows(self._parts(), rows)

    def _known(self) -> dict[str, float]:
        if self._last is None:
            for _ in self.batches():
                pass
        return self._last or {}

    def _parts(self) -> list[Part]:
        """Return the files there are now, laid out."""
        try:
            parts = parts_of(writers_at(self._info.path), self._files)
            lay_out(parts)
        except OSError:  # it is gone: info.gaps says what is missing
            return []
        return parts

    def _note(self, passage: Passage, *, whole: bool) -> None:
        """Keep what a pass learned, and say what it found missing."""
        running = self._info.state == "running"
        gaps = list(gaps_of(passage.parts, running=running))
        if whole:
            self._notes, self._goes_on = passage.notes, False
            if passage.wanted is None:
                self._last = passage.last
                self._lost = bool(gaps)
        if self._last == {} and passage.parts and not running:
            gaps.append(nothing_gap(passage.notes.others))
        elif (media := media_gap(self._notes or passage.notes)) is not None:
            gaps.append(media)
        self._gaps = tuple(gaps)


def _series(part: Part, points: Mapping[str, Points]) -> dict[str, Series]:
    """Return points of a file as curves of the run, less what a later file replays."""
    shifted: dict[int, array[float]] = {}
    kept = {part.name_of(tag): part.placed(tag, one) for tag, one in points.items()}
    return {name: part.series(name, one, shifted) for name, one in kept.items() if len(one)}
