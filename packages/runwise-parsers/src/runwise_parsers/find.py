"""Find runs below a directory, and open one."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.info import RunInfo
from runwise_parsers.shelf import known_sources, plugged_sources
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from runwise_parsers.run import Run

PRUNED = frozenset({"__pycache__", "node_modules", "site-packages"})
MAX_DEPTH = 12
GENERIC_NAMES = frozenset({"metrics", "log", "logs", "history", "events", "train", "train_log"})


def find_runs(root: str | Path, *, sources: Collection[Source] | None = None) -> Iterator[RunInfo]:
    """Yield the runs below ``root``, each once, from head and tail of their files alone.

    One walk: hidden directories, virtual environments and caches are passed over, as are
    directories more than 12 levels deep; links are followed once. Directories that cannot be
    read are passed over. ``sources`` are asked instead of all that are known. Plugged ones
    (entry points ``runwise.sources``) are asked where no other finds a run.

    Raises ``FileNotFoundError`` where ``root`` does not exist.
    """
    base = Path(root)
    if not base.exists():
        raise FileNotFoundError(f"{base} does not exist")
    for asked in _rounds(sources):
        claims = merge(_claims(base, asked) if base.is_dir() else _claims_at(base, asked))
        if claims:
            yield from _described(claims, base if base.is_dir() else base.parent, asked)
            return


def open_run(run: str | Path | RunInfo, *, sources: Collection[Source] | None = None) -> Run:
    """Open a run: one that was found, a run directory, or a log file itself.

    ``sources`` are asked instead of all that are known.

    Raises ``FileNotFoundError`` where nothing is there, ``LookupError`` where it is no run or
    holds several.
    """
    if isinstance(run, RunInfo):
        return _source(run.source, sources).open(run)
    path = Path(run)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    path = path.resolve()
    for asked in _rounds(sources):
        claims = merge(_claims_at(path, asked))
        if not claims and path.is_dir():
            claims = merge(_claims(path, asked))
        if len(claims) > 1:
            some = ", ".join(sorted(claim.key for claim in claims)[:5])
            raise LookupError(f"{len(claims)} runs are in {path}: {some}")
        for info in _described(claims, _base_of(claims), asked):
            return _source(info.source, asked).open(info)
    raise LookupError(f"{path} holds no run that a known source reads")


def _rounds(sources: Collection[Source] | None) -> Iterator[Collection[Source]]:
    """Yield the sources to ask, and those to ask if none of these finds a run."""
    if sources is not None:
        yield sources
        return
    yield known_sources().values()
    yield plugged_sources().values()


def _source(name: str, sources: Collection[Source] | None) -> Source:
    for asked in _rounds(sources):
        for source in asked:
            if source.name == name:
                return source
    raise LookupError(f"no source is called {name}")


def _described(claims: list[Claim], base: Path, sources: Collection[Source]) -> Iterator[RunInfo]:
    ids = _names(claims, base)
    by_name = {source.name: source for source in sources}
    for claim in claims:
        for info in by_name[claim.source].runs(claim):
            yield info if info.id else replace(info, id=ids[claim])


def _base_of(claims: list[Claim]) -> Path:
    """Return what the id of a single run is relative to: a generic name says too little."""
    if not claims:
        return Path()
    claim = claims[0]
    return claim.parent.parent if claim.key.lower() in GENERIC_NAMES else claim.parent


def _claims_at(path: Path, sources: Collection[Source]) -> Iterator[Claim]:
    """Ask about one file or one directory by itself."""
    if path.is_dir():
        parent = Folder(path.parent, folders={path.name: None})
        found = list(_ask(parent, sources))
        yield from found or _ask(_listed(path) or Folder(path), sources)
    else:
        yield from _ask(Folder(path.parent, files={path.name: None}, asked=True), sources)


def _claims(base: Path, sources: Collection[Source]) -> Iterator[Claim]:
    """Walk the tree below ``base``; linked directories come last, if nothing else led there."""
    seen: set[str] = set()
    links: list[tuple[Path, int]] = []
    queue = [(base, 0)]
    while queue or links:
        path, depth = queue.pop() if queue else links.pop()
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        folder = _listed(path)
        if folder is None or "pyvenv.cfg" in folder.files:
            continue
        yield from _ask(folder, sources)
        if depth < MAX_DEPTH:
            for name, entry in sorted(folder.folders.items(), reverse=True):
                if not name.startswith(".") and name not in PRUNED:
                    linked = entry is not None and entry.is_symlink()
                    (links if linked else queue).append((path / name, depth + 1))


def _listed(path: Path) -> Folder | None:
    folder = Folder(path)
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                (folder.folders if _is_folder(entry) else folder.files)[entry.name] = entry
    except OSError:
        return None
    return folder


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _ask(folder: Folder, sources: Collection[Source]) -> Iterator[Claim]:
    """Offer a directory to every source, the specific before the generic."""
    for source in sorted(sources, key=lambda one: one.order):
        yield from source.claim(folder)


def merge(claims: Iterable[Claim]) -> list[Claim]:
    """Join the claims that are segments of one run."""
    runs: dict[tuple[str, Path, str], Claim] = {}
    for claim in claims:
        key = (claim.source, claim.parent, claim.key)
        known = runs.get(key)
        runs[key] = replace(claim, paths=known.paths + claim.paths) if known else claim
    return list(runs.values())


def _names(claims: list[Claim], base: Path) -> dict[Claim, str]:
    """Return an id for runs that bring none: their path, generic last parts dropped.

    Runs that this would call the same keep these parts, and their file's suffix if need be.
    """
    full = {claim: _relative(claim, base) for claim in claims}
    short = {claim: _shortened(parts) for claim, parts in full.items()}
    taken, paths = Counter(short.values()), Counter(full.values())
    ids: dict[Claim, str] = {}
    for claim in claims:
        parts = short[claim]
        if taken[parts] > 1:
            parts = full[claim]
        if taken[short[claim]] > 1 and paths[parts] > 1:
            parts = (*parts[:-1], claim.paths[-1].name)
        ids[claim] = "/".join(parts)
    return ids


def _relative(claim: Claim, base: Path) -> tuple[str, ...]:
    path = claim.parent / claim.key
    try:
        return path.relative_to(base.resolve() if path.is_absolute() else base).parts
    except ValueError:
        return path.parts[-2:]


def _shortened(parts: tuple[str, ...]) -> tuple[str, ...]:
    while len(parts) > 1 and parts[-1].lower() in GENERIC_NAMES:
        parts = parts[:-1]
    return parts
