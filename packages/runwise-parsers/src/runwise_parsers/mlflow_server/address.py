"""Which server, experiment or run a reference means, as copied from the browser or from a setting.

    http://host:5000                                      a server: all its runs
    https://host/prefix/#/experiments/3                   an experiment, by its number or name
    https://host/prefix/#/experiments/3/runs/0ab1.../..   a run
    https://host/prefix/#/runs/my-run                     a run by its name, anywhere on it
    0ab1c2...                                             a run of the MLFLOW_TRACKING_URI

What stands for a user and a password in a URL is used and never shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTING = "MLFLOW_TRACKING_URI"
RUN_ID = re.compile(r"[0-9a-f]{32}")
_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Address:
    """A server, and what is meant on it; ``root`` is its URL without a login or a ``/`` behind."""

    root: str
    experiment: str = ""
    run: str = ""
    login: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """What a person may open in a browser."""
        if self.run and self.experiment:
            return f"{self.root}/#/experiments/{quote(self.experiment)}/runs/{quote(self.run)}"
        if self.experiment:
            return f"{self.root}/#/experiments/{quote(self.experiment)}"
        return named(self.root, self.run) if self.run else self.root


def from_environment(env: Mapping[str, str]) -> str | None:
    """Return the reference of the whole server that ``MLFLOW_TRACKING_URI`` names, if it is one.

    >>> from_environment({"MLFLOW_TRACKING_URI": "http://user:word@here:5000/"})
    'http://here:5000/#/'
    >>> from_environment({"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}) is None
    True
    """
    found = _parsed(env.get(SETTING, "").strip())
    return None if found is None else f"{found.root}/#/"


def named(server: str, run: str) -> str:
    """Return the reference of a run of a server by its name or id.

    >>> named("http://here:5000/#/", "lr 0.1")
    'http://here:5000/#/runs/lr%200.1'
    """
    return f"{server.partition('#')[0].rstrip('/')}/#/runs/{quote(run, safe='')}"


def is_ours(ref: str, env: Mapping[str, str]) -> bool:
    """Say whether a reference has the shape of a server's, or of a run of the server we know.

    Any other ``http://`` reference may be a file.
    """
    if RUN_ID.fullmatch(ref):
        return from_environment(env) is not None
    found = _parsed(ref)
    if found is None:
        return False
    parts = urlsplit(ref)
    if parts.fragment.startswith("/") or (parts.path in ("", "/") and not parts.query):
        return True
    known = _parsed(env.get(SETTING, "").strip())
    return known is not None and found.root == known.root


def address_of(ref: str, env: Mapping[str, str]) -> Address:
    """Return what a reference means.

    Raises ``LookupError`` where it is none of ours.
    """
    known = _parsed(env.get(SETTING, "").strip())
    if RUN_ID.fullmatch(ref) and known is not None:
        return Address(known.root, run=ref, login=known.login)
    found = _parsed(ref)
    if found is None:
        raise LookupError(f"{ref[:80]!r} names no MLflow server")
    login = found.login or (known.login if known and known.root == found.root else None)
    return Address(found.root, found.experiment, found.run, login)


def _parsed(url: str) -> Address | None:
    """Return the address in a URL, ``None`` where it is no URL of a server."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = re.sub(r"/(?:index\.html)?$", "", parts.path)
    root = f"{parts.scheme.lower()}://{host}{f':{port}' if port else ''}{path}"
    login = None
    if parts.username is not None:
        login = unquote(parts.username), unquote(parts.password or "")
    return Address(root, *_meant(parts.fragment), login)


def _meant(fragment: str) -> tuple[str, str]:
    """Return the experiment and the run a browser shows, each empty where there is none."""
    words = [unquote(word) for word in fragment.partition("?")[0].split("/") if word]
    experiment = words[1] if words[:1] == ["experiments"] and len(words) > 1 else ""
    rest = words[2:] if experiment else words
    return experiment, rest[1] if rest[:1] == ["runs"] and len(rest) > 1 else ""
