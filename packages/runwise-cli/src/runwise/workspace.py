"""A project: its runs, found once, and each by any name a person may give it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runwise import reference
from runwise.config import Settings, read_settings
from runwise.errors import NoRuns, NoSuchRun
from runwise_parsers import Run, RunInfo, find_runs, open_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise.reference import Point


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
        self.settings = settings or read_settings(root)
        self._places = (*self.settings.roots, *more)
        self._within = None if within is None else [path.resolve() for path in within]

    @property
    def root(self) -> Path:
        """The project's directory."""
        return self.settings.root

    @cached_property
    def runs(self) -> tuple[RunInfo, ...]:
        """All runs, the newest first: those still running, then by their last sign of life."""
        found = {run.segments: run for run in self._walk()}
        return tuple(sorted(found.values(), key=_age))

    def _walk(self) -> Iterator[RunInfo]:
        for root in self._places:
            if self._may_read(root):
                yield from (
                    run for run in find_runs(root) if all(map(self._may_read, run.segments))
                )

    def _may_read(self, path: Path) -> bool:
        if self._within is None:
            return True
        real = path.resolve()
        return any(root in (real, *real.parents) for root in self._within)

    def some_runs(self) -> tuple[RunInfo, ...]:
        """Return all runs. Raises ``NoRuns`` where there are none."""
        if not self.runs:
            looked = ", ".join(str(root.absolute()) for root in self._places)
            raise NoRuns(
                f"no runs under {looked}",
                "Name another place with -C DIR, or see runwise demo.",
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
        return [run for run in self.runs if run.state == "running" and run != besides]

    def _at_path(self, ref: str) -> RunInfo | None:
        """Return the run at a path, as seen from here or from the project."""
        if not ref or reference.LATEST.fullmatch(ref):
            return None
        for path in (Path(ref).expanduser(), self.root / ref):
            if _exists(path):
                if not self._may_read(path):
                    raise NoSuchRun(
                        f"'{ref}' is outside the directories that may be read",
                        "Name a run by its id or name; see list_runs.",
                    )
                try:
                    return self._known(open_run(path).info)
                except LookupError as error:
                    raise NoSuchRun(str(error), "Name one of its runs.") from error
        return None

    def _known(self, info: RunInfo) -> RunInfo:
        """Return a run as the walk met it: with its other segments and its id here."""
        for run in self.runs:
            ours = {segment.resolve() for segment in run.segments}
            if {segment.resolve() for segment in info.segments} <= ours:
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
