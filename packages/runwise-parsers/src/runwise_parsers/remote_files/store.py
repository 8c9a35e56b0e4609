"""A store, as ``fsspec`` and the library of its kind reach it: loaded when it is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_files.place import WEB, Place, fits
from runwise_parsers.remote_files.trouble import explained, missing_package

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_AT_ONCE = 8
_BLOCK = 1 << 20
_MARKS = ("ETag", "etag", "Content-MD5", "md5Hash", "blob_id", "sha256")
_CLOCKS = ("LastModified", "mtime", "updated", "last_modified", "Last-Modified", "created")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a directory of a store.

    ``tag`` changes with what is in a file, empty where the store has no such word; ``modified``
    are Unix seconds. ``size`` is -1 where the listing does not tell.
    """

    place: Place
    size: int
    tag: str = ""
    modified: float | None = None
    folder: bool = False
    page: bool = False


class Store:
    """Asks one store. Raises ``RemoteError``, and ``LookupError`` where nothing is there."""

    def __init__(self, place: Place, timeout: float) -> None:
        self._timeout = timeout
        self._fs = _opened(place, timeout)

    def listing(self, place: Place) -> list[Entry]:
        """Return what is in a directory, by name."""
        try:
            met = cast("list[dict[str, object]]", self._fs.ls(place.path, detail=True))
        except Exception as error:
            raise explained(place, error, self._timeout) from error
        found = (self._entry(place, one) for one in met)
        return sorted((one for one in found if one), key=lambda one: one.place.parts)

    def stat(self, place: Place) -> Entry:
        """Return what is at a path."""
        try:
            told = cast("dict[str, object]", self._fs.info(place.path))
        except Exception as error:
            raise explained(place, error, self._timeout) from error
        return _told(place, told)

    def stats(self, places: Sequence[Place]) -> list[Entry | None]:
        """Return what is at several paths, ``None`` for what is gone."""

        def one(place: Place) -> Entry | None:
            try:
                return self.stat(place)
            except LookupError:
                return None

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(one, places))

    def whole(self, places: Sequence[Place]) -> list[bytes | None]:
        """Return whole files, ``None`` for what is gone."""
        nothing = [None] * len(places)
        paths = [place.path for place in places]
        found = cast("list[object]", self._fs.cat_ranges(paths, nothing, nothing))
        return [self._checked(*pair) for pair in zip(places, found, strict=True)]

    def span(self, place: Place, begin: int, end: int, size: int) -> bytes:
        """Return the bytes between two offsets of a file of ``size`` bytes.

        Raises ``NoRanges`` where a server sends whole files only.
        """
        if end <= begin:
            return b""
        try:
            data = self._span(place, begin, end, size)
        except ValueError as error:
            raise NoRanges(place) from error
        except Exception as error:
            raise explained(place, error, self._timeout) from error
        if len(data) != end - begin:
            raise RemoteError(f"{place} changed while it was read", "Ask again.")
        return data

    def _span(self, place: Place, begin: int, end: int, size: int) -> bytes:
        if place.scheme not in (*WEB, "hf"):
            return cast("bytes", self._fs.cat_file(place.path, start=begin, end=end))
        # A web server that knows no ranges sends all there is: this way of reading notices. And
        # this library reads ahead unless it is told not to.
        known = {"size": size} if place.scheme in WEB else {}
        with self._fs.open(place.path, "rb", _BLOCK, cache_type="none", **known) as file:
            file.seek(begin)
            return cast("bytes", file.read(end - begin))

    def download(self, place: Place, path: Path) -> None:
        """Copy a whole file, from a server that sends no parts of it."""
        try:
            self._fs.get_file(place.path, str(path))
        except Exception as error:
            raise explained(place, error, self._timeout) from error

    def _checked(self, place: Place, found: object) -> bytes | None:
        if isinstance(found, bytes):
            return found
        error = found if isinstance(found, Exception) else TypeError(type(found).__name__)
        trouble = explained(place, error, self._timeout)
        if isinstance(trouble, LookupError):
            return None
        raise trouble from error

    def _entry(self, above: Place, told: Mapping[str, object]) -> Entry | None:
        """Return one line of a listing, ``None`` for what lies elsewhere or is the directory."""
        path = str(told.get("name", "")).partition("#")[0]
        if above.scheme in WEB:
            path, _, query = path.partition("?")
            if query:  # that by which a listing is sorted
                return None
        name = path.rstrip("/").rpartition("/")[2]
        if above.scheme in WEB:
            name = unquote(name)
        place = above.at((*above.parts, name), listed=path.endswith("/"))
        here = place.path.partition("?")[0].rstrip("/"), path.rstrip("/")
        known = here[0] == here[1] or unquote(here[0]) == unquote(here[1])
        return _told(place, told) if fits(name) and known else None


class NoRanges(RemoteError):  # noqa: N818  it is what a server cannot do
    """A web server that sends no parts of files."""

    def __init__(self, place: Place) -> None:
        super().__init__(
            f"the web server sends no parts of {place}", "Download the file, and name the copy."
        )


def _opened(place: Place, timeout: float) -> Any:
    """Return what ``fsspec`` has for a store, with no memory of what it said before."""
    try:
        fsspec = import_module("fsspec")
        options = _patience(place, timeout)
        fs: Any = fsspec.filesystem(place.scheme, **options)
    except ImportError as error:
        raise missing_package(place) from error
    except Exception as error:
        raise explained(place, error, timeout) from error
    fs.invalidate_cache()
    return fs


def _patience(place: Place, timeout: float) -> dict[str, object]:
    """Return how a library is told to wait, where it can be told."""
    if place.scheme in WEB:
        aiohttp = import_module("aiohttp")
        waits = aiohttp.ClientTimeout(total=None, sock_connect=timeout, sock_read=timeout)
        # Parts of what a server has compressed on the way would not fit together.
        plain = {"Accept-Encoding": "identity"}
        return {"client_kwargs": {"timeout": waits, "trust_env": True}, "headers": plain}
    if place.scheme in ("s3", "s3a"):
        return {"config_kwargs": {"connect_timeout": timeout, "read_timeout": timeout}}
    return {}


def _told(place: Place, told: Mapping[str, object]) -> Entry:
    size = told.get("size")
    folder = told.get("type") == "directory"
    marks = [str(told[name]) for name in _MARKS if told.get(name)]
    clocks = [clock for name in _CLOCKS if (clock := _clock(told.get(name))) is not None]
    return Entry(
        place,
        size if isinstance(size, int) and not folder else -1,
        " ".join(marks) or (repr(clocks[0]) if clocks else ""),
        clocks[0] if clocks else None,
        folder,
        told.get("mimetype") == "text/html",
    )


def _clock(value: object) -> float | None:
    """Return a time as Unix seconds, in whatever way a library tells it."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, (int, float)):
        return float(value)
    if not isinstance(value, str):
        return None
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return read(value.replace("Z", "+00:00")).timestamp()
        except (ValueError, TypeError):
            continue
    return None
