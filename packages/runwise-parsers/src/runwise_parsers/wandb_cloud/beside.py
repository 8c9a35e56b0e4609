"""What a run has besides its history: printed lines, the machine, the command.

None of it is worth an error: what does not come is a gap.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from runwise_parsers.gap import Gap
from runwise_parsers.mirror_log.layout import CLOCK, STEP
from runwise_parsers.remote import RemoteError
from runwise_parsers.values import as_number
from runwise_parsers.wandb_cloud.failures import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runwise_parsers.mirror_log.keeping import Mirror

LINES = 1000
"""Printed lines that are fetched: the newest, of a run that has a history."""
_MOST_LINES = 100_000
"""Printed lines of one that has none: its metrics may stand there."""
SYSTEM = "system."
_KEPT = ("host", "program", "args", "git")
_MACHINE = "machine"


class Beside:
    """Fetches what stands beside the history, and collects what did not come."""

    def __init__(
        self, run: Any, mirror: Mirror, seen: Mapping[str, object], *, bare: bool
    ) -> None:
        self._run = run
        self._bare = bare
        self._mirror = mirror
        self._known = _MACHINE in seen
        self.gaps: list[Gap] = []
        self.machine = machine_of(seen)

    def bring(self) -> None:
        """Fetch all of it; what is known of the machine does not change."""
        if not self._known:
            self._ask("what is known of the machine", self._metadata)
        self._ask("the printed lines", self._console)
        self._ask("what was measured of the machine", self._measures)

    def state(self) -> dict[str, object]:
        """Return what the next fetch needs."""
        return {_MACHINE: self.machine} if self._known else {}

    def _ask(self, missing: str, question: Callable[[], None]) -> None:
        try:
            with in_words(missing):
                question()
        except RemoteError as error:
            self.gaps.append(Gap(missing, error.problem, error.remedy))

    def _metadata(self) -> None:
        told = cast("dict[str, object]", self._run.metadata or {})
        self.machine = {name: told[name] for name in _KEPT if name in told}
        self._known = True

    def _console(self) -> None:
        most = _MOST_LINES if self._bare else LINES
        lines = self._run.console_logs(**({} if self._bare else {"last": LINES}))
        printed = [str(line.content).rstrip("\r\n") for line in islice(lines, most)]
        if printed:
            data = "".join(f"{line}\n" for line in printed).encode("utf-8", "replace")
            self._mirror.put_console(data, whole=len(printed) < most)

    def _measures(self) -> None:
        measured = [
            row
            for event in self._run.history(stream="system", pandas=False)
            if len(row := _measure(event)) > 1
        ]
        if measured:
            self._mirror.restart_system()
            self._mirror.append_system(measured)


def machine_of(seen: Mapping[str, object]) -> dict[str, object]:
    """Return what an earlier fetch learned of the machine and the command."""
    known = seen.get(_MACHINE)
    return cast("dict[str, object]", known) if isinstance(known, dict) else {}


def _measure(event: Mapping[str, Any]) -> dict[str, object]:
    """Return a row of what was measured; the server gives some hundred of all there are."""
    since = as_number(event.get("_runtime"))
    if since is None:
        return {}
    values = {
        key.removeprefix(SYSTEM): one for key, one in event.items() if key.startswith(SYSTEM)
    }
    return {STEP: since, CLOCK: event.get(CLOCK), **values} if values else {}
