"""Addresses of resources: ``runwise://runs/RUN/summary``, ``/report``, ``/history?keys=a,b``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote

TEMPLATES = {
    "summary": ("runwise://runs/{run}/summary", "text/plain", "How a run is going"),
    "history": (
        "runwise://runs/{run}/history{?keys,from,to}",
        "text/csv",
        "Curves of a run as CSV, between two steps",
    ),
    "report": ("runwise://runs/{run}/report", "text/markdown", "A report of a run to send"),
}
"""Kinds of resources: address, type, and what they are."""
LONGEST = 4_000
_ADDRESS = re.compile(r"runwise://runs/([^/?#]+)/(summary|history|report)(?:\?([^#]*))?")


@dataclass(frozen=True, slots=True)
class Address:
    """A run, what of it, and the questions behind a ``?``."""

    run: str
    kind: str
    asked: dict[str, str] = field(default_factory=dict[str, str])


def address_of(uri: str) -> Address | None:
    """Return what an address names, ``None`` for one that is none of ours.

    >>> address_of("runwise://runs/a%2Fb/history?keys=loss&from=5")
    Address(run='a/b', kind='history', asked={'keys': 'loss', 'from': '5'})
    """
    found = _ADDRESS.fullmatch(uri) if len(uri) <= LONGEST else None
    if found is None:
        return None
    asked = dict(parse_qsl(found[3] or "", keep_blank_values=True, max_num_fields=10))
    return Address(unquote(found[1]), found[2], asked)


def run_in(uri: str) -> str:
    """Return the reference of the run in an address, empty where there is none."""
    found = address_of(uri)
    return found.run if found else ""


def uri_of(run: str, kind: str) -> str:
    """Return the address of a run.

    >>> uri_of("a/b", "summary")
    'runwise://runs/a%2Fb/summary'
    """
    return f"runwise://runs/{quote(run, safe='')}/{kind}"
