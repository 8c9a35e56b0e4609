"""W&B's own client, made to keep quiet, never to ask for a login, and to give up in time.

It is imported by its name when a server is asked something, and only then: that takes a third of
a second, and another one for the helper process it talks to servers through.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runwise_parsers.extras import is_installed, missing
from runwise_parsers.remote import RemoteError
from runwise_parsers.wandb_cloud.address import BASE_URL

if TYPE_CHECKING:
    from collections.abc import Generator

EXTRA = "wandb"
KEYS = ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE")
LOGIN = "Run: wandb login, or set WANDB_API_KEY."
TIMEOUT = "WANDB_HTTP_TIMEOUT"
"""The client's own variable: seconds it waits for an answer."""
_SECONDS = 20.0
_PATIENCE = {
    "x_graphql_retry_max": 3,
    "x_graphql_retry_wait_min_seconds": 0.5,
    "x_graphql_retry_wait_max_seconds": 8.0,
    "x_file_transfer_retry_max": 3,
    "x_file_transfer_retry_wait_min_seconds": 0.5,
    "x_file_transfer_retry_wait_max_seconds": 8.0,
}
"""The client's settings, by which it tries again: as they are, it tries for minutes."""
_apis: dict[tuple[str, ...], Any] = {}


@contextmanager
def quiet_client() -> Generator[Any]:
    """Give the module ``wandb``, silent and impatient while inside; then it is as it was.

    Raises ``RemoteError`` where it is not installed, or surely nobody has logged in.
    """
    if not is_installed(EXTRA):
        raise missing(EXTRA, "runs of W&B's cloud")
    if not may_have_key():
        host = urlsplit(server()).hostname or "W&B"
        raise RemoteError(f"there is no API key for {host}", LOGIN)
    wandb = import_module("wandb")
    settings = wandb.setup().settings
    wanted = {"silent": True, **_PATIENCE}
    for name in ("x_graphql_timeout_seconds", "x_file_transfer_timeout_seconds"):
        wanted[name] = seconds()
    before = {name: getattr(settings, name) for name in wanted if hasattr(settings, name)}
    try:
        for name in before:
            setattr(settings, name, wanted[name])
        wandb.termsetup(settings, None)
        yield wandb
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        wandb.termsetup(settings, None)


def may_have_key() -> bool:
    """Say whether the client could find a key: importing it takes longer than looking."""
    if any(os.environ.get(name) for name in KEYS):
        return True
    home = Path(os.environ.get("HOME") or os.environ.get("USERPROFILE") or ".")
    config = Path(os.environ.get("WANDB_CONFIG_DIR") or home / ".config/wandb")
    netrc = os.environ.get("NETRC")
    logins = [Path(netrc)] if netrc else [home / ".netrc", home / "_netrc"]
    settings = (config / "settings", Path("wandb/settings"))
    return any(map(_is_there, logins)) or any(_is_there(one, b"_key") for one in settings)


def _is_there(path: Path, said: bytes = b"") -> bool:
    """Say whether a file is there and says something; one that cannot be read may say it."""
    try:
        return path.exists() and said in path.read_bytes()
    except OSError:
        return True


def api_of(wandb: Any, entity: str) -> Any:
    """Return the client's way to the server and with the key that are set now.

    It is made once for each: that asks the server who we are.
    """
    told = tuple(os.environ.get(name, "") for name in (BASE_URL, "WANDB_API_KEY", TIMEOUT))
    known = (*told, entity)
    if known not in _apis:
        # Waiting for the helper takes as long as all its tries together.
        patience = int(seconds() * (1 + _PATIENCE["x_graphql_retry_max"])) + 40
        _apis[known] = wandb.Api(overrides={"entity": entity}, timeout=patience)
    api = _apis[known]
    api.flush()
    return api


def forget_apis() -> None:
    """Ask anew who we are, the next time."""
    _apis.clear()


def seconds() -> float:
    """Return how long to wait for an answer."""
    try:
        return max(0.1, float(os.environ.get(TIMEOUT, "")))
    except ValueError:
        return _SECONDS


def server() -> str:
    """Return the server that would be asked, empty for the one of W&B."""
    return os.environ.get(BASE_URL, "").rstrip("/")
