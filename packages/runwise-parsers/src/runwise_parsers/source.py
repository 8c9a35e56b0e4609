"""A source: one tracker's files, found, described and opened.

Adding a tracker is adding one file to ``sources/`` that holds one subclass of ``Source``. The
folder's listing is the registry (see ``shelf``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run


@dataclass(slots=True)
class Folder:
    """A directory as the walk meets it: names of what nobody has claimed yet.

    ``asked`` is set where a person named this very file: a source may then be lenient about
    its name.
    """

    path: Path
    files: dict[str, os.DirEntry[str] | None] = field(
        default_factory=dict[str, "os.DirEntry[str] | None"]
    )
    folders: dict[str, os.DirEntry[str] | None] = field(
        default_factory=dict[str, "os.DirEntry[str] | None"]
    )
    asked: bool = False

    def take(self, name: str) -> Path:
        """Claim a file or sub-folder, so that no later source is offered it."""
        self.files.pop(name, None)
        self.folders.pop(name, None)
        return self.path / name


@dataclass(frozen=True, slots=True)
class Claim:
    """Files that a source holds for a run, before any of them is opened.

    Claims of one source with the same ``parent`` and ``key`` are one run: its segments.
    ``whole`` says that the directory itself is the run, as most trackers lay it out: other
    writers' files in it are the same training.
    """

    source: str
    key: str
    parent: Path
    paths: tuple[Path, ...]
    whole: bool = False


class Source(ABC):
    """One format of run files.

    ``order`` says when it is asked about a directory: the specific before the generic, low
    numbers first. ``looks_for`` is a regular expression, matched against whole names in a
    directory (``re.MULTILINE`` over all of them, one a line, folders with a ``/`` behind, hidden
    ones included): a source is asked only where one fits, everywhere if it is empty. ``reads``
    says in a few words what it claims. ``extra`` is the extra of its distribution that it needs
    to read all there is, named like the module that this brings.
    """

    name: ClassVar[str]
    order: ClassVar[int] = 50
    looks_for: ClassVar[str] = ""
    reads: ClassVar[str] = ""
    extra: ClassVar[str] = ""

    @abstractmethod
    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take what is ours out of ``folder`` and yield it, opening as little as possible."""

    @abstractmethod
    def describe(self, claim: Claim) -> RunInfo:
        """Return what head and tail of the files say. Never raises for what is in a file."""

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        """Yield the runs in what was claimed: one, unless the format keeps several in a file.

        Runs that share a file bring an ``id`` of their own.
        """
        yield self.describe(claim)

    def adopts(self, info: RunInfo) -> bool:
        """Say whether ``open`` takes a run whose ``source`` is the name of no source."""
        del info
        return False

    @abstractmethod
    def open(self, info: RunInfo) -> Run:
        """Return the run ``info`` was described from."""
