"""Find runs below a directory, and open one."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.info import RunInfo
from runwise_parsers.source import Claim, Folder, Source, known_sources, plugged_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_parsers.run import Run

PRUNED = frozenset({"__pycache__", "node_modules", "site-packages"})
MAX_DEPTH = 12
GENERIC_NAMES = frozenset({"metrics", "log", "logs", "history", "events", "train", "train_log"})


def find_runs(root: str | Path) -> Iterator[RunInfo]:
    """Yield the runs below ``root``, each once, from head and tail of their files alone.

    One walk: hidden directories, virtual environments and caches are passed over, as are
    directories more than 12 levels deep; links are followed once. Directories that cannot be
    read are passed over. Raises ``FileNotFoundError`` where ``root`` does not exist.
    """
    base = Path(root)
    if not base.exists():
        raise FileNotFoundError(f"{base} does not exist")
    claims = merge(_claims(base))
    ids = _names(claims, base)
    sources = {**known_sources()}
    for claim in claims:
        source = sources.get(claim.source) or plugged_sources()[claim.source]
        info = source.describe(claim)
        yield info if info.id else replace(info, id=ids[claim])


def open_run(run: str | Path | RunInfo) -> Run:
    """Open a run: one that was found, a run directory, or a log file itself.

    Raises ``FileNotFoundError`` where nothing is there, ``LookupError`` where it is no run or
    holds several.
    """
    if isinstance(run, RunInfo):
        return _source(run.source).open(run)
    path = Path(run)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    claims = merge(_claims_at(path.resolve()))
    if not claims and path.is_dir():
        claims = merge(_claims(path.resolve()))
    if not claims:
        raise LookupError(f"{path} holds no run that a known source reads")
    if len(claims) > 1:
        some = ", ".join(sorted(claim.key for claim in claims)[:5])
        raise LookupError(f"{path} holds {len(claims)} runs: {some}")
    info = _source(claims[0].source).describe(claims[0])
    if not info.id:
        info = replace(info, id=_names(claims, claims[0].parent)[claims[0]])
    return _source(info.source).open(info)


def _source(name: str) -> Source:
    source = known_sources().get(name) or plugged_sources().get(name)
    if source is None:
        raise LookupError(f"no source is called {name}")
    return source


def _claims_at(path: Path) -> Iterator[Claim]:
    """Ask about one file or one directory by itself."""
    if path.is_dir():
        parent = Folder(path.parent, folders={path.name: None})
        found = list(_ask(parent))
        yield from found or _ask(_listed(path) or Folder(path))
    else:
        yield from _ask(Folder(path.parent, files={path.name: None}, asked=True))


def _claims(base: Path) -> Iterator[Claim]:
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
        yield from _ask(folder)
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
                (folder.folders if entry.is_dir() else folder.files)[entry.name] = entry
    except OSError:
        return None
    return folder


def _ask(folder: Folder) -> Iterator[Claim]:
    """Offer a directory to every source, the specific before the generic."""
    for source in known_sources().values():
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
    """Return an id for runs that bring none: their path, generic last parts dropped."""
    full = {claim: _relative(claim, base) for claim in claims}
    short = {claim: _shortened(parts) for claim, parts in full.items()}
    taken = Counter(short.values())
    return {
        claim: "/".join(parts if taken[parts] == 1 else full[claim])
        for claim, parts in short.items()
    }


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
