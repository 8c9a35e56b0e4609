"""Paths that ``fsspec`` reaches: object stores, and files of web servers.

    s3://bucket/exps     gs://bucket/exps     hf://datasets/user/name     https://host/metrics.jsonl

``fsspec`` and what it needs for a store are imported when that store is asked.
"""

from __future__ import annotations

from collections import Counter
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runwise_parsers.remote import Remote, RemoteError
from runwise_parsers.remote_files.place import TREE, Place, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runwise_parsers.info import RunInfo

Result = TypeVar("Result")


class Paths(Remote):
    """Runs in object stores and on web servers; ``timeout`` is how long these may be silent."""

    name = "paths"
    order = 60
    reads = "s3://, gs://, hf:// and https:// paths of any of the sources"
    extra = "remote"
    is_described_ahead = True

    def __init__(self, *, timeout: float = 20.0) -> None:
        self._timeout = timeout
        self._places: dict[tuple[Path, ...], tuple[Place, Path, bool]] = {}

    def claims(self, ref: str) -> bool:
        """Say whether a reference is the URL of a store."""
        return place_of(ref) is not None

    def name_of(self, info: RunInfo) -> str:
        """Return the path of a run in its store, empty where that is of no use without a secret.

        The id of a run stands behind the path of a file that holds several, and behind that of
        the directory in which several segments of it lie.
        """
        known = self._places.get(info.segments)
        if known is None or known[0].query or known[0].login:
            return ""
        place, tree, alone = known
        if alone and len(info.segments) == 1:
            return str(place.at(info.path.relative_to(tree).parts))
        above = info.path if not alone else commonpath([one.parent for one in info.segments])
        return str(place.at((*Path(above).relative_to(tree).parts, info.id)))

    def runs(
        self,
        ref: str,
        keep: Path,
        *,
        filters: Mapping[str, object] | None = None,
        limit: int | None = None,
    ) -> list[RunInfo]:
        """Return the runs at or below a path, the newest first, as local ones are found.

        Small files are fetched whole for it, of large ones head and tail. ``filters`` may hold
        ``state``, ``name`` and ``project``. Raises ``RemoteError``, and ``LookupError`` where no
        run is there.
        """
        place = place_of(ref)
        if place is None:
            raise LookupError(f"{ref[:80]!r} is no path of a store")
        asked = _asked(filters or {})
        try:
            infos = self._found(place, keep)
        except LookupError as error:
            infos = self._called(place, keep)
            if not infos:
                raise LookupError(*error.args) from error
        kept = [one for one in infos if all(getattr(one, word) == asked[word] for word in asked)]
        return sorted(kept, key=lambda one: one.updated or 0.0, reverse=True)[:limit]

    def fetch(
        self, info: RunInfo, keep: Path, *, tell: Callable[[int, int], None] | None = None
    ) -> RunInfo:
        """Bring all files of a run here, or what is new of them. ``tell`` counts bytes.

        Raises ``RemoteError``, and ``LookupError`` where the run is gone.
        """
        from runwise_parsers.remote_files.fetching import bring  # noqa: PLC0415  see above

        known = self._places.get(info.segments)
        if known is None:
            problem = f"it is not known which store holds run {info.id}"
            raise RemoteError(problem, "Name it by its path there.")
        now = self._held(lambda: bring(known[0], info, keep, self._timeout, tell))
        self._places[now.segments] = known
        return now

    def _called(self, place: Place, keep: Path) -> list[RunInfo]:
        """Return the run whose id stands behind a path as if it were a name there."""
        if not place.parts[1:]:
            return []
        try:
            beside = self._found(place.at(place.parts[:-1]), keep)
        except (LookupError, RemoteError):
            return []
        return [one for one in beside if one.id == place.parts[-1]]

    def _found(self, place: Place, keep: Path) -> list[RunInfo]:
        """Return the runs at or below a place, and note where they are from."""
        from runwise_parsers.remote_files.fetching import runs_at  # noqa: PLC0415  see above

        infos = self._held(lambda: runs_at(place, keep, self._timeout))
        beside = Counter(info.segments for info in infos)
        tree = place.root(keep).resolve() / TREE
        for info in infos:
            self._places[info.segments] = place, tree, beside[info.segments] == 1
        return infos

    @staticmethod
    def _held(ask: Callable[[], Result]) -> Result:
        try:
            return ask()
        except RemoteError:
            raise
        except TimeoutError as error:
            remedy = "Ask again when it is through."
            raise RemoteError("another process is fetching from this store", remedy) from error
        except OSError as error:
            raise _unkept(error) from error


def _unkept(error: OSError) -> RemoteError:
    """Return what is to be said where a copy cannot be written."""
    said = (error.strerror or type(error).__name__).lower()
    remedy = "Make room in the cache, or see that it may be written to."
    return RemoteError(f"what was fetched cannot be kept: {said}", remedy)


def _asked(filters: Mapping[str, object]) -> dict[str, object]:
    known = ("state", "name", "project")
    for word in filters:
        if word not in known:
            raise RemoteError(f"paths have no {word} to pick by", f"Pick by: {', '.join(known)}.")
    return {word: value for word, value in filters.items() if value}
