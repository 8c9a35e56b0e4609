"""A project: its runs, found once, and each by any name a person may give it."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runwise import reference
from runwise.config import Settings, read_settings
from runwise.errors import NoRuns, NoSuchRun, RunwiseError, short, some
from runwise_parsers import Run, RunInfo, find_runs, open_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runwise.reference import Point

LONGEST_PATH = 80


class Workspace:
    """The runs below a project's directory, and wherever its settings point.

    ``more`` adds directories; ``within`` confines it: what lies outside these directories,
    links resolved, is not read.

    >>> from runwise.demo import demo_root
    >>> workspace = Workspace(demo_root())
    >>> info, point, remark = workspace.resolve("spike")
    >>> info.id, info.state
    ('spike001', 'finished')
    """

    def __init__(
        self,
        root: Path | None = None,
        settings: Settings | None = None,
        *,
        more: Sequence[Path] = (),
        within: Sequence[Path] | None = None,
    ) -> None:
        self.settings = settings or read_settings(root, above=within is None)
        self._within = None if within is None else [path.resolve() for path in within]
        self._places = tuple(filter(self._may_read, (*self.settings.roots, *more)))
        self._here = root is None or _same(root, Path())

    @property
    def root(self) -> Path:
        """The project's directory."""
        return self.settings.root

    @cached_property
    def runs(self) -> tuple[RunInfo, ...]:
        """All runs, the newest first: those still running, then by their last sign of life."""
        found: dict[tuple[Path, ...], RunInfo] = {}
        for run in self._walk():
            found.setdefault(tuple(path.resolve() for path in run.segments), run)
        return tuple(sorted(found.values(), key=_age))

    def _walk(self) -> Iterator[RunInfo]:
        for root in self._places:
            yield from (run for run in find_runs(root) if all(map(self._may_read, run.segments)))

    def _may_read(self, path: Path) -> bool:
        if self._within is None:
            return True
        try:
            real = path.resolve()
        except (OSError, ValueError, RuntimeError):  # a NUL in a name, links in a circle
            return False
        return any(root in (real, *real.parents) for root in self._within)

    def some_runs(self) -> tuple[RunInfo, ...]:
        """Return all runs. Raises ``NoRuns`` where there are none."""
        if not self.runs:
            looked = some((str(root.absolute()) for root in self._places), 2, LONGEST_PATH)
            raise NoRuns(
                f"no runs under {looked}",
                "Name another place with -C DIR, or see: runwise demo",
            )
        return self.runs

    def resolve(self, ref: str = "latest") -> tuple[RunInfo, Point | None, str]:
        """Return the run a reference names, the point in it, and a remark on a guess.

        Raises ``NoRuns`` and ``NoSuchRun``.
        """
        whole = self._at_path(ref)
        if whole is not None:
            return whole, None, ""
        name, point = reference.split(ref)
        if point is not None and reference.names_whole(ref, self.runs):
            name, point = ref, None
        by_path = self._at_path(name) if point is not None else None
        if by_path is not None:
            return by_path, point, ""
        run, remark = reference.find(name, self.some_runs())
        return run, point, remark

    def open(self, info: RunInfo) -> Run:
        """Open a run."""
        return open_run(info)

    def active(self, besides: RunInfo | None = None) -> list[RunInfo]:
        """Return the runs that are running, ``besides`` apart."""
        return [
            run
            for run in self.runs
            if run.state == "running" and (besides is None or run.segments != besides.segments)
        ]

    def handle(self, info: RunInfo, wanted: str = "") -> str:
        """Return a reference that means this run and no other: ``wanted``, its id, or its path."""
        for ref in (wanted, info.id):
            if ref and _sayable(ref) and self._means(ref, info):
                return ref
        path = info.path.absolute()
        with suppress(ValueError, OSError):  # another drive, or a directory that is gone
            near = os.path.relpath(path)
            return near if _sayable(near) and len(near) < len(str(path)) else str(path)
        return str(path)

    def command(self, *words: str) -> str:
        """Return a command line that asks something about this project from where we are."""
        elsewhere = () if self._here else ("-C", str(self.root))
        return shlex.join(("runwise", *elsewhere, *words))

    def _means(self, ref: str, info: RunInfo) -> bool:
        try:
            found, point, _ = self.resolve(ref)
        except RunwiseError:
            return False
        return point is None and found.segments == info.segments

    def _at_path(self, ref: str) -> RunInfo | None:
        """Return the run at a path, as seen from here or from the project.

        A directory that is no run, or holds several, may still share its name with a run.
        """
        if not ref or reference.LATEST.fullmatch(ref):
            return None
        for path in self._candidates(ref):
            if not _exists(path):
                continue
            try:
                return self._known(open_run(path).info)
            except LookupError as error:
                if not any(map(self._named(ref), self.runs)):
                    raise NoSuchRun(str(error), "Name one of its runs.") from error
        return None

    def _candidates(self, ref: str) -> list[Path]:
        """Return the paths a reference can be, as seen from here and from the project."""
        places = [self.root / ref]
        with suppress(RuntimeError):  # nobody's home is called like that
            places.insert(0, Path(ref).expanduser())
        inside = [path for path in places if self._may_read(path)]
        if not inside and ("/" in ref or os.sep in ref):
            raise NoSuchRun(
                f"'{short(ref)}' is outside the directories that may be read",
                "Name a run by its id or name; see list_runs.",
            )
        return inside

    @staticmethod
    def _named(ref: str) -> Callable[[RunInfo], bool]:
        return lambda run: run.id.startswith(ref) or run.name.startswith(ref)

    def _known(self, info: RunInfo) -> RunInfo:
        """Return a run as the walk met it: with its other segments and its id here."""
        asked = {segment.resolve() for segment in info.segments}
        for run in self.runs:
            if asked <= {segment.resolve() for segment in run.segments}:
                return run
        return info


def _age(run: RunInfo) -> tuple[bool, float, str]:
    newest = run.updated or run.created or 0.0
    return run.state != "running", -newest, run.id


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a NUL, is no path
        return False


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # the current directory may be gone
        return False


def _sayable(ref: str) -> bool:
    """Say whether a reference survives being printed and typed."""
    return ref.isprintable() and not ref.startswith("-") and len(ref) <= LONGEST_PATH
