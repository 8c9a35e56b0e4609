"""The history of a run, brought here once: what was fetched before is not asked for again.

A run is scanned by steps, as many at a time as hold some thousand rows: the client's own thousand
steps would take a request for every row of a run that logs each thousandth step. What came before
something went wrong is kept; the next fetch goes on behind it.

The client gets old rows as Parquet files, which it keeps by the name of the run, and newer ones in
pages. A page may hold rows of the file again; and a file it kept may be of a run that was deleted
since, or too old. So a history is begun without the kept files, a step is taken once, and rows are
counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise_parsers.gap import Gap
from runwise_parsers.mirror_log.layout import STEP
from runwise_parsers.remote import RemoteError
from runwise_parsers.values import as_number
from runwise_parsers.wandb_cloud.describe import last_step, lines
from runwise_parsers.wandb_cloud.failures import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runwise_parsers.mirror_log.keeping import Mirror

AT_ONCE = 2000
"""Rows that are kept at a time."""
_LEAST, _MOST = 1_000, 1 << 40
_LATE = 100
"""Rows of a run that goes on which the server may count before it gives them."""


class Export:
    """How far a run's history was fetched, and how to go on."""

    def __init__(self, run: Any, mirror: Mirror) -> None:
        self._run = run
        self._mirror = mirror
        seen = mirror.state()
        self.next_step = int(as_number(seen.get("next_step")) or 0)
        self.rows = int(as_number(seen.get("rows")) or 0)
        self._short = int(as_number(seen.get("short")) or 0)
        self.trouble: RemoteError | None = None

    def state(self) -> dict[str, object]:
        """Return what the next fetch needs."""
        return {"next_step": self.next_step, "rows": self.rows, "short": self._short}

    def bring(
        self, told: Mapping[str, object], tell: Callable[[int, int], None], *, ended: bool
    ) -> None:
        """Fetch the rows that are not here yet; ``trouble`` says what ended that too early.

        ``tell`` is called with the rows that are here, and those there are.
        """
        there, anew = lines(told), self.next_step == 0
        tell(self.rows, there)
        try:
            with in_words(str(self._run.id)):
                self._go_on(told, tell)
                if ended and not anew and there - self.rows > self._short:
                    self._mirror.restart()
                    self.next_step = self.rows = 0
                    self._go_on(told, tell)
            self._short = max(0, there - self.rows)
        except RemoteError as error:
            self.trouble = error

    def gaps(self, told: Mapping[str, object], *, ended: bool) -> tuple[Gap, ...]:
        """Return what is missing of the history."""
        there = lines(told)
        left = max(0, there - self.rows)
        missing = f"{left} of {there} rows"
        if self.trouble is not None:
            return (
                Gap(missing, self.trouble.problem, f"{self.trouble.remedy} It goes on there."),
            )
        if left > (0 if ended else _LATE):
            because = "W&B counts them, and does not give them"
            return (Gap(missing, because, "Look at the run's page."),)
        return ()

    def _go_on(self, told: Mapping[str, object], tell: Callable[[int, int], None]) -> None:
        there, last = lines(told), last_step(told)
        if last is None or last < self.next_step:
            return
        steps = (int(last) + 1) * AT_ONCE // max(1, there)
        scan = self._run.scan_history(
            page_size=min(max(_LEAST, steps), _MOST),
            min_step=self.next_step,
            use_cache=self.next_step > 0,
        )
        for some in self._pieces(scan):
            self.rows += self._mirror.append(some)
            self.next_step = int(some[-1][STEP]) + 1
            tell(self.rows, there)

    def _pieces(self, rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        """Yield some new rows at a time; those before something goes wrong, too."""
        piece: list[dict[str, Any]] = []
        reached = self.next_step - 1
        try:
            for row in rows:
                step = as_number(row.get(STEP))
                if step is None or step <= reached:
                    continue
                reached = step
                piece.append(row)
                if len(piece) >= AT_ONCE:
                    yield piece
                    piece = []
        except Exception:
            if piece:
                yield piece
            raise
        if piece:
            yield piece
