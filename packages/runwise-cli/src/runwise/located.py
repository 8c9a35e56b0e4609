"""The runs at paths: as they are seen from here, or from the project's directory."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from runwise import reference
from runwise.errors import NoSuchRun, short, some
from runwise.gathering import gather
from runwise.paths import exists, is_file
from runwise.words import count
from runwise_parsers import RunInfo, open_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import cached_property

MANY = 2


class Project(Protocol):
    """What is asked here of a project: ``Workspace`` is one."""

    runs: cached_property[tuple[RunInfo, ...]]
    deleted: cached_property[tuple[RunInfo, ...]]
    shared: cached_property[dict[Path, list[RunInfo]]]

    @property
    def root(self) -> Path:
        """Its directory."""
        ...

    def may_read(self, path: Path) -> bool:
        """Say whether it may read there."""
        ...

    def command(self, *words: str) -> str:
        """Return a command line that asks something about it."""
        ...


def at_path(project: Project, ref: str) -> RunInfo | None:
    """Return the run at a path, as seen from here or from the project.

    A directory that is no run, or holds several, may still share its name with a run.
    """
    if not ref or reference.LATEST.fullmatch(ref):
        return None
    for path in candidates(project, ref):
        if not exists(path):
            run = _in_file(project, path)
            if run is not None:
                return run
            continue
        try:
            return _known(project, open_run(path).info)
        except LookupError as error:
            if not any(map(_named(ref), project.runs)):
                raise _several(project, ref, path, error) from error
    return None


def _in_file(project: Project, path: Path) -> RunInfo | None:
    """Return the run a path like ``mlflow.db/0ab3`` names: one in a file of several."""
    file = path.parent
    if not exists(file):
        return None
    held = project.shared.get(file.resolve(), [])
    if not held and is_file(file):
        held = gather([file], project.may_read)
    try:
        return reference.find(path.name, held)[0] if held else None
    except NoSuchRun:
        return None


def _several(project: Project, ref: str, path: Path, error: LookupError) -> NoSuchRun:
    """Return the error for a path that is no run: with the runs that are there."""
    held = [run for run in gather([path], project.may_read) if not run.deleted]
    if len(held) < MANY:
        return NoSuchRun(str(error), "Name one of its runs.")
    ids = reference.short_ids(held)
    named = some((f"{ids[run.id]} {run.name}".strip() for run in held), reference.NAMED)
    see = project.command("list", str(ref))
    return NoSuchRun(f"{count(len(held), 'run')} are in {short(ref)}: {named}", f"See: {see}")


def candidates(project: Project, ref: str) -> list[Path]:
    """Return the paths a reference can be, as seen from here and from the project."""
    places = [project.root / ref]
    with suppress(RuntimeError):  # nobody's home is called like that
        places.insert(0, Path(ref).expanduser())
    allowed = [path for path in places if project.may_read(path)]
    if not allowed and ("/" in ref or os.sep in ref):
        raise NoSuchRun(
            f"'{short(ref)}' is outside the directories that may be read",
            "Name a run by its id or name; see list_runs.",
        )
    return allowed


def _named(ref: str) -> Callable[[RunInfo], bool]:
    return lambda run: run.id.startswith(ref) or run.name.startswith(ref)


def _known(project: Project, info: RunInfo) -> RunInfo:
    """Return a run as the walk met it: with its other segments and its id here."""
    asked = {segment.resolve() for segment in info.segments}
    beside = project.shared.get(info.path.resolve(), ())
    for run in beside or (*project.runs, *project.deleted):
        known = asked <= {segment.resolve() for segment in run.segments}
        if known and run.source == info.source and (not beside or run.id == info.id):
            return run
    return info
