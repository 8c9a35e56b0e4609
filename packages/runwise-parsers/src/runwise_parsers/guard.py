"""Sources that are not ours, kept from breaking an answer.

Whatever a plugged source raises costs its part of the answer only: it is named once, in a
``PluginWarning``, and left out. Its runs are guarded too, see ``guarded_run``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.complaint import fault, name_once
from runwise_parsers.guarded_run import GuardedRun, Nothing
from runwise_parsers.info import RunInfo
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.run import Run


class Guarded(Source):
    """A plugged source that raises nothing."""

    def __init__(self, source: Source) -> None:
        self.source = source
        shown = ("name", "order", "looks_for", "reads", "extra")
        vars(self).update({each: getattr(source, each) for each in shown})

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Yield the source's claims, up to where it fails."""
        try:
            for claim in self.source.claim(folder):
                yield replace(claim, source=self.name)
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            name_once(self.name, "failed to look into a directory", error)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the source says, or that it failed."""
        try:
            return self._ours(self.source.describe(claim), claim)
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            name_once(self.name, "failed to describe a run", error)
            return RunInfo(self.name, "", segments=claim.paths, gaps=(fault(self.name, error),))

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        """Yield the runs in what was claimed, up to where the source fails."""
        try:
            for info in self.source.runs(claim):
                yield self._ours(info, claim)
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            name_once(self.name, "failed to describe a run", error)

    def open(self, info: RunInfo) -> Run:
        """Return the run; one that cannot be opened is empty, with a gap."""
        try:
            return GuardedRun(info, self.source.open(info))
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            name_once(self.name, "failed to open a run", error)
            return Nothing(replace(info, gaps=(*info.gaps, fault(self.name, error))))

    def _ours(self, info: RunInfo, claim: Claim) -> RunInfo:
        """Return a description that leads back here."""
        return replace(info, source=self.name, segments=info.segments or claim.paths)
