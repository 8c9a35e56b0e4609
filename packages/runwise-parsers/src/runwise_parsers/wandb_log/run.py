"""A W&B run on this machine: one or several directories with a binary log each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.cursor import fingerprint, read_cursor, real, whole, write_cursor
from runwise_parsers.gap import Gap
from runwise_parsers.run import Run, cut, gather
from runwise_parsers.series import Batch, Series
from runwise_parsers.wandb_log.columns import Columns
from runwise_parsers.wandb_log.console import lines_of
from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.framing import HEADER_SIZE
from runwise_parsers.wandb_log.pieces import piece_of
from runwise_parsers.wandb_log.segments import Segment, lay_out, notes, place
from runwise_parsers.wandb_log.sidecar import Sidecar
from runwise_parsers.wandb_log.summary import Summaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_parsers.info import RunInfo
    from runwise_parsers.wandb_log.logfile import LogFile

_PLACES = 128


class WandbRun(Run):
    """Reads the ``.wandb`` logs of one run, oldest segment first."""

    def __init__(self, info: RunInfo, logs: list[LogFile]) -> None:
        self._info = info
        self._logs = logs
        self._segments: list[Segment] | None = None
        self._gaps: tuple[Gap, ...] = ()
        self._passed: tuple[Description, Summaries] | None = None
        self._media: dict[str, str] = {}

    @property
    def info(self) -> RunInfo:
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return self._info.gaps + self._gaps

    def config(self) -> dict[str, object]:
        logged = {key: value for key, value in self._known()[0].config.items() if key != "_wandb"}
        return logged or Sidecar(self._info.path).config()

    def summary(self) -> dict[str, object]:
        description, summaries = self._known()
        found = summaries.values(description.aggregates)
        found |= {key: value for key, value in description.summary.items() if key != "_wandb"}
        beside = Sidecar(self._info.path).summary()
        return {key: value for key, value in beside.items() if key != "_wandb"} | found

    def metrics(self) -> tuple[str, ...]:
        return tuple(self._known()[1].last)

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        wanted = None if names is None else list(names)
        segments = self._laid_out()
        begin, offset, restart = self._resume(cursor, segments)
        whole_run = begin == 0 and offset == HEADER_SIZE and wanted is None
        description, summaries = Description(), Summaries()
        end: float | None = None
        for number in range(begin, len(segments)):
            segment = segments[number]
            segment.dropped = 0
            columns = Columns(wanted)
            for piece in segment.log.pieces(columns, description, offset):
                placed = place(segment, piece.columns)
                segment.dropped += _dropped(piece.steps, segment)
                if piece.steps:
                    end = piece.steps[-1] + segment.shift
                    summaries.take(placed, description.aggregates)
                    yield Batch(placed, number, self._cursor(number, piece.offset, end), restart)
                    restart = False
            self._media |= columns.media
            offset = HEADER_SIZE
        self._note_gaps(segments)
        if whole_run:
            self._passed = (description, summaries)

    def overview(self, rows: int) -> dict[str, Series]:
        pieces: list[dict[str, Series]] = []
        segments = self._laid_out()
        places = max(2, _PLACES // max(1, len(segments)))
        for segment in segments:
            columns = Columns()
            stretches = list(segment.log.sampled(places))
            share = -(-rows // max(1, len(segments) * len(stretches)))
            for place_, stretch in enumerate(stretches):
                chosen = _thinned(stretch, share, at_end=place_ == len(stretches) - 1)
                pieces.append(place(segment, piece_of(chosen, columns).columns))
        return gather(pieces)

    def window(
        self, names: Iterable[str] | None, first_step: float, last_step: float
    ) -> dict[str, Series]:
        wanted = None if names is None else list(names)
        pieces: list[dict[str, Series]] = []
        for segment in self._laid_out():
            columns = Columns(wanted)
            begin = segment.log.offset_of(first_step - segment.shift)
            for piece in segment.log.pieces(columns, offset=begin):
                if piece.steps and piece.steps[0] + segment.shift > last_step:
                    break
                placed = place(segment, piece.columns)
                cuts = {name: cut(one, first_step, last_step) for name, one in placed.items()}
                pieces.append({name: one for name, one in cuts.items() if len(one)})
        return gather(pieces)

    def tail(self, rows: int) -> dict[str, Series]:
        pieces: list[dict[str, Series]] = []
        missing = rows
        for segment in reversed(self._laid_out()):
            if missing <= 0:
                break
            last = segment.log.last_rows(missing)[-missing:]
            missing -= len(last)
            pieces.insert(0, place(segment, piece_of(last, Columns()).columns))
        return gather(pieces)

    def console(self, last: int = 50) -> list[str]:
        if not self._logs:
            return Sidecar(self._info.path).console(last * 400)[-last:]
        logged = lines_of(self._logs[-1].console(last))
        printed = Sidecar(self._logs[-1].path.parent).console(last * 400)
        return max(logged[-last:], printed[-last:], key=len)

    def _known(self) -> tuple[Description, Summaries]:
        """Return what a pass over the whole log tells; the pass is made once."""
        if self._passed is None:
            for _ in self.batches():
                pass
        return self._passed or (Description(), Summaries())

    def _laid_out(self) -> list[Segment]:
        if self._segments is None:
            self._segments = lay_out(self._logs)
        return self._segments

    def _resume(self, cursor: str | None, segments: list[Segment]) -> tuple[int, int, bool]:
        """Return segment and offset to go on from; the beginning if the log was replaced.

        A segment that came since then may replay rows that were already handed out.
        """
        if cursor is None:
            return 0, HEADER_SIZE, False
        state = read_cursor(cursor, self._info.source)
        number, offset, end = whole(state, "segment"), whole(state, "at"), real(state, "step")
        if number < len(segments):
            segment = segments[number]
            same = fingerprint(segment.log.path, offset) == state.get("print")
            replayed = end is not None and end >= segment.limit
            if same and not replayed and segment.log.size() >= offset:
                segment.log.by_core = bool(state.get("core"))
                return number, offset, False
        return 0, HEADER_SIZE, True

    def _cursor(self, number: int, offset: int, end: float) -> str:
        log = self._logs[number]
        mark = fingerprint(log.path, offset)
        return write_cursor(
            self._info.source, segment=number, at=offset, print=mark, step=end, core=log.by_core
        )

    def _note_gaps(self, segments: list[Segment]) -> None:
        found = notes(segments)
        for segment in segments:
            found += segment.log.damage()
        if self._info.state == "running":
            found = [gap for gap in found if "ends inside" not in gap.because]
        if self._media:
            some = ", ".join(f"{name} ({kind})" for name, kind in list(self._media.items())[:5])
            more = f" and {len(self._media) - 5} more" if len(self._media) > 5 else ""
            found.append(
                Gap(f"media {some}{more}", "only numbers are read", "Look in files/media.")
            )
        self._gaps = tuple(found)


def _dropped(steps: Iterable[float], segment: Segment) -> int:
    if segment.limit == float("inf"):
        return 0
    return sum(step + segment.shift >= segment.limit for step in steps)


def _thinned(rows: Iterable[bytes], count: int, *, at_end: bool) -> list[bytes]:
    """Return up to ``count`` rows; the first one always, and at the end the last one."""
    every = list(rows)
    if len(every) <= count or count < 1:
        return every
    if at_end and count == 1:
        return every[-1:]
    spread = max(1, count - 1)
    return [every[place * (len(every) - 1) // spread] for place in range(count)]
