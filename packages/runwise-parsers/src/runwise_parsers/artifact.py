"""A file that a run kept beside its metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file a run stored: its name below the run's artifacts, and its size in bytes.

    ``size`` is ``None`` where the file is not on this machine.
    """

    name: str
    size: int | None = None
