"""A project: its runs, found once, and each by any name a person may give it."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runwise import reference
from runwise.config import Settings, read_settings
from runwise.errors import BadSetting, NoPoints, NoRuns, NoSuchRun, RunwiseError, short, some
from runwise.gathering import at_or_below, gather, same_run
from runwise.gathering import shared as shared_files
from runwise.index.catalogue import Catalogue
from runwise.located import at_path, candidates
from runwise.paths import LONGEST_PATH, command_line, exists, same_place, sayable, typed
from runwise.remote_runs import NotFetched, RemoteRuns, default_server
from runwise.words import count
from runwise_parsers import Run, RunInfo, open_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.index.kept import Kept
    from runwise.reference import Point

MANY = 2
DERIVED = ("runs", "deleted", "shared")
"""What a project derives from its runs, and one confined to some of them must derive anew."""


class Workspace:
    """The runs below a project's directory, and wherever its settings point.

    ``more`` adds directories; ``within`` confines it: what lies outside these directories,
    links resolved, is not read. ``catalogue`` remembers what was read before. With ``from_log``
    metrics are read from what runs printed, whatever was recorded. ``remote`` says whether
    servers may be asked for runs, by default only where nothing confines the project.

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
        remote: bool | None = None,
    ) -> None:
        self.catalogue = catalogue or Catalogue()
        self.remote = RemoteRuns(allowed=within is None if remote is None else remote)
        self.from_log = False
        self._from_text: dict[tuple[Path, ...], RunInfo] = {}
        self.settings = settings or read_settings(root, above=within is None)
        self._within = None if within is None else [path.resolve() for path in within]
        self._places = tuple(filter(self.may_read, (*self.settings.roots, *more)))
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
        return gather(self._places, self.may_read, self.catalogue.described)

    @cached_property
    def shared(self) -> dict[Path, list[RunInfo]]:
        """The runs of each file that holds several."""
        return shared_files([*self.runs, *self.deleted])

    def below(self, path: str, most: int | None = None) -> Workspace:
        """Return this project confined to what is at or below a path, or another one there.

        Of a project on a server, ``most`` runs are asked for, the newest.

        Raises ``BadSetting`` where nothing is there.
        """
        if self.remote.is_address(path):
            return self.of_server(path, most)
        for place in candidates(self, path):
            found = at_or_below(place, self._gathered) if exists(place) else []
            if found:
                return self._with(_gathered=found, _places=(place,))
        if not exists(Path(path)):
            if self.remote.allowed and self.remote.claims(path):
                return self._else_of_server(path, most)
            raise BadSetting(f"there is no {short(path)}", "Name a directory, or a file of runs.")
        return Workspace(Path(path), within=self._within, catalogue=self.catalogue)

    def or_server(self, most: int | None = None) -> Workspace:
        """Return this project; where it has no run, the server that the environment names."""
        server = default_server() if self.remote.allowed and not self._gathered else ""
        return self.of_server(server, most) if server else self

    def of_server(
        self,
        ref: str,
        most: int | None = None,
        *,
        filters: Mapping[str, object] | None = None,
        whole: bool = False,
    ) -> Workspace:
        """Return the runs of a project on a server as a project; ``whole`` with their histories.

        Raises ``NotFetched``, and ``NoSuchRun`` where there is none.
        """
        found = self.remote.of_project(ref, filters=filters, limit=most)
        found = self.remote.whole(ref, found) if whole else found
        title = f"{ref}, the newest {most}" if most and len(found) == most else ref
        settings = replace(self.settings, project=title)
        return self._with(_gathered=found, _places=(Path(ref),), settings=settings)

    def _else_of_server(self, name: str, most: int | None) -> Workspace:
        """Return a project on a server that nothing here is called like."""
        try:
            return self.of_server(name, most)
        except (NotFetched, NoSuchRun) as error:
            problem = f"here is no {short(name)}, and {error.problem}"
            raise NoSuchRun(problem, error.remedy) from error

    def _with(self, **others: object) -> Workspace:
        """Return this project with other runs; what follows from these is derived anew."""
        part = copy.copy(self)
        known = {name: held for name, held in vars(self).items() if name not in DERIVED}
        vars(part).clear()
        vars(part).update(known, **others)
        return part

    def may_read(self, path: Path) -> bool:
        """Say whether a path lies where this project is confined to, links resolved."""
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

        Raises ``NoRuns`` and ``NoSuchRun``, and ``NotFetched`` for one on a server.
        """
        name, point = reference.split(ref)
        if self.remote.is_address(ref):
            return self.remote.at(name), point, ""
        try:
            return self._here_called(ref)
        except (NoRuns, NoSuchRun) as error:
            found = self.remote.instead(name, error)
            if found is None:
                raise
            return found, point, ""

    def _here_called(self, ref: str) -> tuple[RunInfo, Point | None, str]:
        """Return what a reference means among the runs of this project."""
        whole = at_path(self, ref)
        if whole is not None:
            return whole, None, ""
        name, point = reference.split(ref)
        if point is not None and reference.names_whole(ref, self.runs):
            name, point = ref, None
        by_path = at_path(self, name) if point is not None else None
        if by_path is not None:
            return self._settled(by_path, point, "")
        if not self.deleted or reference.LATEST.fullmatch(name):
            self.some_runs()
        run, remark = reference.find(name, self.runs, self.deleted)
        return self._settled(run, point, remark)

    def _settled(
        self, run: RunInfo, point: Point | None, remark: str
    ) -> tuple[RunInfo, Point | None, str]:
        """Return a point that names what happened there as a step."""
        if point is None or not (point.best or point.stage):
            return run, point, remark
        from runwise.points import settled  # noqa: PLC0415 - few references need it

        found, said = settled(self.open(run), point, self.settings.roles)
        return run, found, "; ".join(filter(None, (remark, said)))

    def open(self, info: RunInfo) -> Run:
        """Open a run; one without a recorded history is read from what it printed.

        Raises ``NoPoints`` where only that was to be read and holds no metrics.
        """
        told = self._from_text.get(info.segments, info)
        run = open_run(told)
        self.catalogue.opened[f"{info.source} {info.id}"] = info
        if run.info.source == "console":
            return run  # all it has was printed
        if told is info and not self.from_log and info.last_step is not None:
            return run
        from runwise_parsers.printed import printed_run  # noqa: PLC0415 - few runs need it

        printed = printed_run(run)
        if printed is None and self.from_log:
            problem = f"{short(info.id)} printed no metrics that can be read"
            raise NoPoints(problem, "Ask without --from-log; see: runwise console")
        if printed is not None:
            self._from_text[printed.info.segments] = told
        return printed or run

    def logged(self, info: RunInfo) -> RunInfo:
        """Return a run as its history is read: its segments are the files that hold that."""
        if not self.from_log and info.last_step is not None:
            return info
        return self.open(info).info

    def study(self, info: RunInfo) -> Kept:
        """Return all that a pass over a run learns, reading only what is new of it."""
        return self.catalogue.study(self.logged(info), self.open, self.settings)

    def active(self, besides: RunInfo | None = None) -> list[RunInfo]:
        """Return the runs that are running, ``besides`` apart."""
        besides = self._from_text.get(besides.segments, besides) if besides else None
        return [
            run
            for run in self.runs
            if run.state == "running" and not (besides and same_run(run, besides))
        ]

    def handle(self, info: RunInfo, wanted: str = "") -> str:
        """Return a reference that means this run and no other: ``wanted``, its id, or its path."""
        info = self._from_text.get(info.segments, info)
        named = self.remote.name_of(info)
        if named:
            return named
        for ref in (wanted, info.id):
            if ref and sayable(ref) and self._means(ref, info):
                return ref
        path = typed(info.path)
        in_file = typed(info.path / info.id)
        return in_file if not self._means(path, info) and self._means(in_file, info) else path

    def command(self, *words: str) -> str:
        """Return a command line that asks something about this project from where we are."""
        elsewhere = () if self._here else ("-C", str(self.root))
        return command_line(("runwise", *elsewhere, *words))

    def _means(self, ref: str, info: RunInfo) -> bool:
        try:
            found, point, _ = self.resolve(ref)
        except RunwiseError:
            return False
        return point is None and same_run(found, info)
