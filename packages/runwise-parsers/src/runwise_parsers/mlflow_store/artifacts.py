"""The files a run stored, where they are on this machine, and nothing else.

    file:///home/me/mlruns/1/<run>/artifacts     as written; a copy's are sought beside it
    mlruns/1/<run>/artifacts                     relative to where the database is
    mlflow-artifacts:/1/<run>/artifacts          a server's: ./mlartifacts/1/<run>/artifacts
    s3://..., dbfs:/...                          elsewhere

A database may come from anybody, so the place it names counts only if it ends as MLflow's places
do, in the run's id and ``artifacts``, also after links were followed. A file counts if it lies
below that place after links were followed.
"""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from runwise_parsers.artifact import Artifact
from runwise_parsers.gap import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "artifacts"
_RUN = re.compile(r"[\w-]{1,64}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_DRIVE = re.compile(r"/[A-Za-z]:/")
_MOST = 10_000
_ENDS = (5, 4, 3)  # how many folders of a place: a run's, and those of its store


def place_of(uri: str, beside: Path, experiment: str, run: str) -> tuple[Path | None, Gap | None]:
    """Return the directory of a run's artifacts, or why it is not here."""
    if not _RUN.fullmatch(run):
        return None, None
    named = _named(uri, beside)
    roots = ("mlruns", "mlartifacts") if _RUN.fullmatch(experiment) else ()
    usual = [beside / root / experiment / run / FOLDER for root in roots]
    for place in (*named, *_copies(uri, beside), *usual):
        found = trusted(place, run)
        if found is not None:
            return found, None
    if not uri or any(map(_may_be_empty, named)):
        return None, None
    why = f"they are at {uri}, which is not on this machine"
    return None, Gap("artifacts", why, "Fetch them with mlflow artifacts download.")


def trusted(place: Path, run: str) -> Path | None:
    """Return a directory of artifacts as it really lies, if it is that of this run."""
    try:
        real = place.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):  # a link to itself, a null in the name
        return None
    return real if real.is_dir() and real.parts[-2:] == (run, FOLDER) else None


def listed(place: Path | None) -> list[Artifact]:
    """Return the files below a directory, by name."""
    if place is None:
        return []
    return sorted(islice(_files(place), _MOST), key=lambda one: one.name)


def read(place: Path | None, name: str, limit: int) -> bytes:
    """Return the first bytes of a file below a directory.

    Raises ``LookupError`` where there is none, or where its name leads out of the directory.
    """
    if place is not None and name and limit >= 0:
        try:
            real = (place / name).resolve(strict=True)
            if real.is_relative_to(place) and S_ISREG(real.stat().st_mode):
                with real.open("rb") as file:
                    return file.read(limit)
        except (OSError, RuntimeError, ValueError):
            pass
    raise LookupError(f"there is no artifact {name!r} here")


def _named(uri: str, beside: Path) -> list[Path]:
    """Return where a URI may lie on this machine."""
    scheme = _SCHEME.match(uri)
    if scheme is None or len(scheme[1]) == 1:
        return [beside / uri] if uri else []
    try:
        parts = urlsplit(uri)
    except ValueError:
        return []
    path = unquote(parts.path)
    if scheme[1].lower() == "file" and parts.netloc in ("", "localhost"):
        return [Path(path[1:] if os.name == "nt" and _DRIVE.match(path) else path)]
    if scheme[1].lower() == "mlflow-artifacts":
        return [beside / "mlartifacts" / path.lstrip("/")]
    return []


def _copies(uri: str, beside: Path) -> list[Path]:
    """Return where a place of another machine lies if its last folders were copied to here."""
    parts = [part for part in re.split(r"[/\\]", unquote(uri)) if part]
    ends = (parts[-count:] for count in _ENDS if len(parts) >= count)
    return [beside.joinpath(*end) for end in ends if ".." not in end]


def _may_be_empty(place: Path) -> bool:
    """Say whether this is where a run that stored nothing would have stored it."""
    try:
        return any(above.is_dir() for above in place.parents[2:4] if len(above.parts) > 1)
    except (OSError, ValueError):
        return False


def _files(place: Path) -> Iterator[Artifact]:
    for folder, folders, names in os.walk(place):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            try:
                real = path.resolve(strict=True)
                stat = real.stat()
            except (OSError, RuntimeError):
                continue
            if S_ISREG(stat.st_mode) and real.is_relative_to(place):
                yield Artifact(path.relative_to(place).as_posix(), stat.st_size)
