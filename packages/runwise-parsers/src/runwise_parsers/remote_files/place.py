"""Where a reference leads: which store, and which path in it.

    s3://bucket/exps/run1     gs://bucket/...     hf://datasets/user/name/...     memory://...
    https://host/logs/run1/metrics.jsonl          a file; a directory where the server lists it

What a URL holds besides its path may be a secret (a login, a signature): it is used, never shown.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from runwise_parsers.mirror_log.layout import mirror_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCHEMES = ("s3", "s3a", "gs", "gcs", "hf", "memory", "http", "https")
WEB = ("http", "https")
TREE = "tree"
"""The directory of whole files, in that of a store."""
BASE_LOG = "-wal"
"""Stands behind the name of a data base in that of what was not yet written into it."""
_BASES = (".db", ".sqlite", ".sqlite3")
_UNFIT = frozenset('\\:*?"<>|' if os.name == "nt" else "")


@dataclass(frozen=True, slots=True)
class Place:
    """A path in a store: ``parts`` are its names, ``listed`` says that it ends in a ``/``."""

    scheme: str
    host: str
    parts: tuple[str, ...]
    listed: bool = False
    login: str = field(default="", repr=False)
    query: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """What ``fsspec`` is asked for."""
        return self._url(self.login + self.host, self.query)

    def __str__(self) -> str:
        return self._url(self.host, "")

    @property
    def path(self) -> str:
        """The path as the listings of this store name it."""
        if self.scheme in WEB:
            return self.url
        own = "/".join((self.host, *self.parts) if self.host else self.parts)
        return f"/{own}" if self.scheme == "memory" else own

    def root(self, keep: Path) -> Path:
        """Return the directory in which what is fetched of this store is kept."""
        secret = blake2b(self.query.encode(), digest_size=8).hexdigest() if self.query else ""
        store = f"{self.scheme}://{self.host}?{secret}"
        return mirror_place(keep, "paths", store, [f"{self.scheme}-{self.host}"])

    def local(self, tree: Path) -> Path:
        """Return where this path lies in a tree that mirrors the store."""
        return tree.joinpath(*self.parts)

    def at(self, parts: Sequence[str], *, listed: bool = False) -> Place:
        """Return another path of the same store."""
        return Place(self.scheme, self.host, tuple(parts), listed, self.login, self.query)

    def _url(self, host: str, query: str) -> str:
        named = self.parts if self.scheme not in WEB else map(quote, self.parts)
        path = "/".join(named) + ("/" if self.listed and self.parts else "")
        return urlunsplit(
            (self.scheme, host, f"/{path}" if self.scheme in WEB else path, query, "")
        )


def place_of(ref: str) -> Place | None:
    """Return where a reference leads, ``None`` where it is no URL of a store we read."""
    scheme, colon, rest = ref.partition("://")
    scheme = scheme.lower()
    if not colon or scheme not in SCHEMES:
        return None
    if scheme not in WEB:
        host, _, path = rest.lstrip("/").partition("/") if scheme != "memory" else ("", "", rest)
        return _checked(scheme, host, path)
    try:
        parts = urlsplit(ref)
        login, at, host = parts.netloc.rpartition("@")
    except ValueError:
        return None
    return _checked(scheme, host, unquote(parts.path), login + at, parts.query) if host else None


def _checked(scheme: str, host: str, path: str, login: str = "", query: str = "") -> Place | None:
    names = tuple(name for name in path.split("/") if name)
    if any(not fits(name) for name in names):
        return None
    return Place(scheme, host, names, path.endswith("/") or not names, login, query)


def is_base(name: str) -> bool:
    """Say whether a file is a data base by its name, or the log of one."""
    return name.lower().removesuffix(BASE_LOG).endswith(_BASES)


def fits(name: str) -> bool:
    """Say whether a name of a store can be that of a file below a directory of ours."""
    return name not in ("", ".", "..") and not _UNFIT & set(name) and not {"/", "\0"} & set(name)
