"""The reaction: what a callback does with findings, the same in every framework."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING

from runwise_detect.finding import SEVERITIES, Finding, Severity
from runwise_detect.monitor import Monitor
from runwise_detect.setting import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runwise_detect.diagnosis import Diagnosis

_LOG = logging.getLogger("runwise_detect")
_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.ERROR}


class Reaction:
    """Watches a run and does something about what it finds; whatever goes wrong, it goes on.

    An error inside runwise is logged, and nothing is watched from then on. What a function of
    the caller's own raises is raised: it may mean to end the run.

    Args:
        do: ``log`` (to the logger ``runwise_detect``), ``stop`` (log, and end training), or a
            function that is called with each finding.
        at: the least severity of findings that count.
        monitor: the one to use; by default one with all detectors.

    Raises:
        ValueError: `do` or `at` is unknown.
    """

    def __init__(
        self,
        do: str | Callable[[Finding], object] = "log",
        *,
        at: Severity = "warning",
        monitor: Monitor | None = None,
    ) -> None:
        if not callable(do) and do not in ("log", "stop"):
            raise unknown("do:", do, ("log", "stop", "or a function"))
        if at not in SEVERITIES:
            raise unknown("severity", at, SEVERITIES)
        self.monitor = Monitor() if monitor is None else monitor
        self.is_watching = True
        self._do, self._least = do, SEVERITIES.index(at)

    def see(self, step: float, metrics: Mapping[str, object]) -> bool:
        """Look at a record; return whether training should stop."""
        return self._react(lambda: self.monitor.update(step, metrics, time=monotonic()))

    def finish(self) -> Diagnosis | None:
        """Return the diagnosis of the run; None if runwise failed."""
        found: list[Diagnosis] = []
        self._try(lambda: found.append(self.monitor.finish()))
        return found[0] if found else None

    def _react(self, look: Callable[[], list[Finding]]) -> bool:
        found: list[Finding] = []
        self._try(lambda: found.extend(look()))
        grave = [one for one in found if SEVERITIES.index(one.severity) >= self._least]
        for finding in grave:
            if callable(self._do):
                self._do(finding)
            else:
                _LOG.log(_LEVELS[finding.severity], "%s", finding)
        return bool(grave) and self._do == "stop"

    def _try(self, act: Callable[[], object]) -> None:
        if not self.is_watching:
            return
        try:
            act()
        except Exception:  # noqa: BLE001  # a detector may be a plugin; training goes on
            self.is_watching = False
            _LOG.exception("runwise failed and no longer watches this run")
