"""How runs and projects of W&B's cloud are named.

    team/bert                                   a project of an entity
    team/bert/3k9x1mzp                          a run of it
    https://wandb.ai/team/bert/runs/3k9x1mzp    the same, as copied from a browser
    https://wandb.ai/team/bert[/workspace]      the project

A server of one's own has another address: where ``WANDB_BASE_URL`` is set, any host will do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE_URL = "WANDB_BASE_URL"
_PART = re.compile(r"[^/\\#?%:*\x00-\x1f~.][^/\\#?%:*\x00-\x1f]{0,127}")
_HOSTS = re.compile(r"(?:[\w-]+\.)*wandb\.(?:ai|com|io)|forge\.coreweave\.com")
_PAGES = frozenset({"", "workspace", "table", "runs", "overview", "reports", "sweeps", "groups"})


@dataclass(frozen=True, slots=True)
class Address:
    """A project, or a run of it."""

    entity: str
    project: str
    run: str = ""

    def __str__(self) -> str:
        """Return it as the client takes it."""
        return "/".join(filter(None, (self.entity, self.project, self.run)))


def address_of(ref: str, env: Mapping[str, str]) -> Address | None:
    """Return what a reference names, ``None`` where it has not the shape of ours.

    >>> address_of("https://wandb.ai/team/bert/runs/3k9x/overview?nw=1", {})
    Address(entity='team', project='bert', run='3k9x')
    >>> address_of("team/bert", {}), address_of("runs/a/b/c", {}), address_of("./a/b", {})
    (Address(entity='team', project='bert', run=''), None, None)
    """
    if ref.startswith(("http://", "https://")):
        return _of_page(ref, env)
    parts = ref.split("/")
    return Address(*parts) if _are_names(parts) else None


def _of_page(ref: str, env: Mapping[str, str]) -> Address | None:
    try:
        page = urlsplit(ref)
        host = page.hostname or ""
    except ValueError:
        return None
    if page.fragment or not (env.get(BASE_URL) or _HOSTS.fullmatch(host)):
        return None
    parts = [unquote(part) for part in page.path.strip("/").split("/")]
    if parts[0] == "wandb" and len(parts) > 2:
        parts = parts[1:]
    if "runs" in parts[2:4] and len(parts) > 3 and parts[3]:
        parts = [*parts[:2], parts[3]]
    elif parts[2:] and parts[2] not in _PAGES:
        return None
    else:
        parts = parts[:2]
    return Address(*parts) if _are_names(parts) else None


def _are_names(parts: list[str]) -> bool:
    return len(parts) in (2, 3) and all(_PART.fullmatch(part) for part in parts)
