"""Find runs below a directory, and open one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers import naming
from runwise_parsers.info import RunInfo
from runwise_parsers.joining import Found, one_training, segments
from runwise_parsers.panel import Panel, panel_of
from runwise_parsers.shelf import all_sources
from runwise_parsers.source import Folder, Source
from runwise_parsers.walk import Place, is_no_device, listed, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runwise_parsers.run import Run

_SHOWN = 5


Described = Callable[[Sequence[Found]], Iterable[tuple[Found, list[RunInfo]]]]
"""Says of runs that were claimed what ``Found.infos`` says, perhaps because it remembers."""


def find_runs(
    root: str | Path,
    *,
    sources: Collection[Source] | None = None,
    described: Described | None = None,
    may_read: Callable[[str], bool] | None = None,
) -> Iterator[RunInfo]:
    """Yield the runs below ``root``, each once, from head and tail of their files alone.

    One walk: hidden directories, virtual environments and caches are passed over, as are
    directories more than 20 levels deep; links are followed once. Directories that cannot be
    read are passed over. A file may hold several runs; those its tracker deleted are
    ``deleted``. ``sources`` are asked instead of all that are known, plugged ones included
    (entry points ``runwise.sources``). ``described`` stands in for a look at the files, for those
    who remember what these said. Links that ``may_read`` says no to are as if they were not there.

    Raises ``FileNotFoundError`` where ``root`` does not exist.
    """
    base = Path(root)
    if not base.exists():
        raise FileNotFoundError(f"{base} does not exist")
    found = claimed(base, sources, may_read)
    ids = naming.names([one.claim for one in found], base if base.is_dir() else base.parent)
    for one, infos in (described or _looked_at)(found):
        for info in infos:
            yield info if info.id else replace(info, id=ids[one.claim])


def _looked_at(found: Sequence[Found]) -> Iterator[tuple[Found, list[RunInfo]]]:
    return ((one, list(one.infos())) for one in found)


def open_run(run: str | Path | RunInfo, *, sources: Collection[Source] | None = None) -> Run:
    """Open a run: one that was found, a run directory, or a log file itself.

    ``sources`` are asked instead of all that are known.

    Raises ``FileNotFoundError`` where nothing is there, ``LookupError`` where it is no run or
    holds several.
    """
    if isinstance(run, RunInfo):
        return _source(run, sources).open(run)
    path = Path(run)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    path = path.resolve()
    found = _at(path, panel_of(_asked(sources)))
    if not found and path.is_dir():
        found = claimed(path, sources)
    if len(found) > 1:
        raise _several(path, [one.claim.key for one in found])
    infos = [(one, info) for one in found for info in one.infos()]
    shown = [pair for pair in infos if not pair[1].deleted] or infos
    if len(shown) > 1:
        raise _several(path, [info.name or info.id for _, info in shown])
    for one, info in shown:
        called = info if info.id else replace(info, id=naming.opened(one.claim))
        return _source(called, sources).open(called)
    raise LookupError(f"{path} holds no run that a known source reads")


def claimed(
    base: Path,
    sources: Collection[Source] | None = None,
    may_read: Callable[[str], bool] | None = None,
) -> list[Found]:
    """Return the runs at or below ``base`` before any is described: a walk, and names alone."""
    panel = panel_of(_asked(sources))
    if not base.is_dir():
        return _at(base, panel)
    return segments(one for place in walk(os.fspath(base), may_read) for one in _in(place, panel))


def _several(path: Path, names: list[str]) -> LookupError:
    some = ", ".join(sorted(names)[:_SHOWN])
    return LookupError(f"{len(names)} runs are in {path}: {some}")


def _asked(sources: Collection[Source] | None) -> tuple[Source, ...]:
    return all_sources() if sources is None else tuple(sources)


def _source(info: RunInfo, sources: Collection[Source] | None) -> Source:
    asked = _asked(sources)
    for source in asked:
        if source.name == info.source:
            return source
    for source in asked:
        if source.adopts(info):
            return source
    raise LookupError(f"no source is called {info.source}")


def _at(path: Path, panel: Panel) -> list[Found]:
    """Ask about one file or one directory by itself."""
    if not path.is_dir():
        if not is_no_device(os.fspath(path)):
            return []
        folder = Folder(path.parent, files={path.name: None}, asked=True)
        return _claims(folder, panel.sources)
    above = Place(os.fspath(path.parent), folders={path.name: None})
    found = _in(above, panel)
    if found:
        return found
    place = listed(os.fspath(path))
    return _in(place, panel) if place else []


def _in(place: Place, panel: Panel) -> list[Found]:
    """Ask about one directory the sources that look for something in it."""
    sources = panel.fitting(place.names())
    if not sources:
        return []
    return _claims(Folder(Path(place.path), place.files, place.folders), sources)


def _claims(folder: Folder, sources: Collection[Source]) -> list[Found]:
    return one_training((source, claim) for source in sources for claim in source.claim(folder))
