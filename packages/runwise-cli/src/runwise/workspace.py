"""A project: its runs, found once, and each by any name a person may give it."""

from __future__ import annotations

import copy
import os
import shlex
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runwise import reference
from runwise.config import Settings, read_settings
from runwise.errors import BadSetting, NoRuns, NoSuchRun, RunwiseError, short, some
from runwise.gathering import at_or_below, gather, same_run, shared
from runwise.index.catalogue import Catalogue
from runwise.paths import LONGEST_PATH, exists, is_file, same_place, sayable, typed
from runwise.words import count
from runwise_parsers import Run, RunInfo, open_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runwise.reference import Point

MANY = 2
DERIVED = ("runs", "deleted", "_shared")
"""What a project derives from its runs, and one confined to some of them must derive anew."""


class Workspace:
    """The runs below a project's directory, and wherever its settings point.

    ``more`` adds directories; ``within`` confines it: what lies outside these directories,
    links resolved, is not read. ``catalogue`` remembers what was read before.

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
        catalogue: Catalogue | None = None,
    ) -> None:
        self.catalogue = catalogue or Catalogue()
        self.settings = settings or read_settings(root, above=within is None)
        self._within = None if within is None else [path.resolve() for path in within]
        self._places = tuple(filter(self._may_read, (*self.settings.roots, *more)))
        self._here = root is None or same_place(root, Path())

    @property
    def root(self) -> Path:
        """The project's directory."""
        return self.settings.root

    @cached_property
    def runs(self) -> tuple[RunInfo, ...]:
        """All runs, the newest first: those still running, then by their last sign of life."""
        return tuple(run for run in self._gathered if not run.deleted)

    @cached_property
    def deleted(self) -> tuple[RunInfo, ...]:
        """The runs their tracker keeps but no longer shows, the newest first."""
        return tuple(run for run in self._gathered if run.deleted)

    @cached_property
    def _gathered(self) -> list[RunInfo]:
        return gather(self._places, self._may_read, self.catalogue.described)

    @cached_property
    def _shared(self) -> dict[Path, list[RunInfo]]:
        """The runs of each file that holds several."""
        return shared([*self.runs, *self.deleted])

    def below(self, path: str) -> Workspace:
        """Return this project confined to what is at or below a path, or another one there.

        Raises ``BadSetting`` where nothing is there.
        """
        for place in self._candidates(path):
            found = at_or_below(place, self._gathered) if exists(place) else []
            if found:
                part = copy.copy(self)
                known = {name: held for name, held in vars(self).items() if name not in DERIVED}
                vars(part).clear()
                vars(part).update(known, _gathered=found, _places=(place,))
                return part
        if not exists(Path(path)):
            raise BadSetting(f"there is no {short(path)}", "Name a directory, or a file of runs.")
        return Workspace(Path(path), within=self._within, catalogue=self.catalogue)

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
            if self.deleted:
                gone = f"under {looked} are only {count(len(self.deleted), 'deleted run')}"
                raise NoRuns(gone, f"See them: {self.command('list', '--all')}")
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
        if not self.deleted or reference.LATEST.fullmatch(name):
            self.some_runs()
        run, remark = reference.find(name, self.runs, self.deleted)
        return run, point, remark

    def open(self, info: RunInfo) -> Run:
        """Open a run."""
        return open_run(info)

    def active(self, besides: RunInfo | None = None) -> list[RunInfo]:
        """Return the runs that are running, ``besides`` apart."""
        return [
            run
            for run in self.runs
            if run.state == "running" and not (besides and same_run(run, besides))
        ]

    def handle(self, info: RunInfo, wanted: str = "") -> str:
        """Return a reference that means this run and no other: ``wanted``, its id, or its path."""
        for ref in (wanted, info.id):
            if ref and sayable(ref) and self._means(ref, info):
                return ref
        path = typed(info.path)
        in_file = typed(info.path / info.id)
        return in_file if not self._means(path, info) and self._means(in_file, info) else path

    def command(self, *words: str) -> str:
        """Return a command line that asks something about this project from where we are."""
        elsewhere = () if self._here else ("-C", str(self.root))
        return shlex.join(("runwise", *elsewhere, *words))

    def _means(self, ref: str, info: RunInfo) -> bool:
        try:
            found, point, _ = self.resolve(ref)
        except RunwiseError:
            return False
        return point is None and same_run(found, info)

    def _at_path(self, ref: str) -> RunInfo | None:
        """Return the run at a path, as seen from here or from the project.

        A directory that is no run, or holds several, may still share its name with a run.
        """
        if not ref or reference.LATEST.fullmatch(ref):
            return None
        for path in self._candidates(ref):
            if not exists(path):
                run = self._in_file(path)
                if run is not None:
                    return run
                continue
            try:
                return self._known(open_run(path).info)
            except LookupError as error:
                if not any(map(self._named(ref), self.runs)):
                    raise self._several(ref, path, error) from error
        return None

    def _in_file(self, path: Path) -> RunInfo | None:
        """Return the run a path like ``mlflow.db/0ab3`` names: one in a file of several."""
        file = path.parent
        if not exists(file):
            return None
        held = self._shared.get(file.resolve(), [])
        if not held and is_file(file):
            held = gather([file], self._may_read)
        try:
            return reference.find(path.name, held)[0] if held else None
        except NoSuchRun:
            return None

    def _several(self, ref: str, path: Path, error: LookupError) -> NoSuchRun:
        """Return the error for a path that is no run: with the runs that are there."""
        held = [run for run in gather([path], self._may_read) if not run.deleted]
        if len(held) < MANY:
            return NoSuchRun(str(error), "Name one of its runs.")
        ids = reference.short_ids(held)
        named = some((f"{ids[run.id]} {run.name}".strip() for run in held), reference.NAMED)
        see = self.command("list", str(ref))
        return NoSuchRun(f"{count(len(held), 'run')} are in {short(ref)}: {named}", f"See: {see}")

    def _candidates(self, ref: str) -> list[Path]:
        """Return the paths a reference can be, as seen from here and from the project."""
        places = [self.root / ref]
        with suppress(RuntimeError):  # nobody's home is called like that
            places.insert(0, Path(ref).expanduser())
        allowed = [path for path in places if self._may_read(path)]
        if not allowed and ("/" in ref or os.sep in ref):
            raise NoSuchRun(
                f"'{short(ref)}' is outside the directories that may be read",
                "Name a run by its id or name; see list_runs.",
            )
        return allowed

    @staticmethod
    def _named(ref: str) -> Callable[[RunInfo], bool]:
        return lambda run: run.id.startswith(ref) or run.name.startswith(ref)

    def _known(self, info: RunInfo) -> RunInfo:
        """Return a run as the walk met it: with its other segments and its id here."""
        asked = {segment.resolve() for segment in info.segments}
        beside = self._shared.get(info.path.resolve(), ())
        for run in beside or (*self.runs, *self.deleted):
            known = asked <= {segment.resolve() for segment in run.segments}
            if known and run.source == info.source and (not beside or run.id == info.id):
                return run
        return info
