"""What goes wrong between W&B's client and a server, in words: what happened, and what to do.

The client tells by texts more often than by types, and one error wraps another: what is looked at
is all of them together.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runwise_parsers.extras import install_command
from runwise_parsers.remote import RemoteError
from runwise_parsers.wandb_cloud.client import LOGIN, TIMEOUT, seconds, server

if TYPE_CHECKING:
    from collections.abc import Generator

_STATUS = re.compile(r"(?:returned error|HTTP|http_status:|status)\s*:?\s*([1-5]\d\d)\b")
_LONGEST = 160
_NETWORK = "Check the network and WANDB_BASE_URL."
_WORDS: tuple[tuple[str, str, str], ...] = (
    (r"No API key|No authentication|not logged in", "there is no API key for {host}", LOGIN),
    (
        r"API key must|API key (?:is )?invalid|WANDB_API_KEY invalid",
        "WANDB_API_KEY holds no API key of W&B",
        "Copy it from the page /authorize of your W&B server, or run: wandb login",
    ),
    (
        r"(?i)permission denied|access denied|not authorized|forbidden|unauthorized",
        "{host} does not let this key read {what}",
        "Ask its owner for access, or use another WANDB_API_KEY.",
    ),
    (
        r"(?i)timeout exceeded|deadline exceeded|timed out|request canceled",
        "{host} did not answer within {seconds:g} s",
        f"Check the network, or wait longer: {TIMEOUT}=60.",
    ),
    (r"connection refused", "nobody answers at {host}: connection refused", _NETWORK),
    (r"(?i)no such host|name resolution|server misbehaving", "{host} is not known here", _NETWORK),
    (r"(?i)connection reset|broken pipe", "{host} broke off the connection", "Ask again."),
    (r"(?i)network is unreachable|no route", "{host} cannot be reached", _NETWORK),
    (r"(?i)certificate|x509|tls:", "the certificate of {host} is not accepted", _NETWORK),
    (r"unexpected EOF|\bEOF\b", "the answer of {host} ends in the middle", "Ask again."),
    (
        r"has no attribute|unexpected keyword argument|cannot import|No module named",
        "the client of W&B that is installed is not one we know",
        f"Run: {install_command('wandb')} --upgrade",
    ),
    (
        r"invalid character|cannot unmarshal|Expecting value|Field required",
        "{host} answers, but not as W&B does",
        "Check WANDB_BASE_URL, and any proxy on the way.",
    ),
)
_BY_STATUS = {
    401: (
        "{host} does not accept the API key",
        "Run: wandb login --relogin, or set WANDB_API_KEY.",
    ),
    403: (
        "{host} does not let this key read {what}",
        "Ask its owner for access, or use another WANDB_API_KEY.",
    ),
    404: ("{host} has nothing there (HTTP 404)", "Check WANDB_BASE_URL: is it a W&B server?"),
    429: ("{host} asks for fewer questions (HTTP 429)", "Wait 60 s, then ask again."),
}


@contextmanager
def in_words(what: str) -> Generator[None]:
    """Turn whatever the client raises inside into a ``RemoteError``; ``what`` is asked about."""
    try:
        yield
    except RemoteError:
        raise
    except Exception as error:
        raise explained(error, what) from error


def explained(error: BaseException, what: str) -> RemoteError:
    """Return an error of the client in words; ``what`` is the run or project asked about."""
    text = " ".join(_texts(error))
    filled = {"host": host(), "what": what, "seconds": seconds()}
    found = _STATUS.search(text)
    status = int(found[1]) if found else 0
    if status in _BY_STATUS:
        problem, remedy = _BY_STATUS[status]
        return RemoteError(problem.format(**filled), remedy)
    for pattern, problem, remedy in _WORDS:
        if re.search(pattern, text):
            return RemoteError(problem.format(**filled), remedy)
    if status >= 500:
        said = f"{filled['host']} failed several times (HTTP {status})"
        return RemoteError(said, "Try again in some minutes.")
    said = f"{filled['host']}: {str(error).strip()[:_LONGEST] or type(error).__name__}"
    return RemoteError(said, f"See what W&B's own client says: wandb.Api() about {what}")


def host() -> str:
    """Return the server as a person knows it."""
    try:
        return urlsplit(server()).netloc or "W&B"
    except ValueError:
        return server() or "W&B"


def is_absence(error: BaseException) -> bool:
    """Say whether the server answered, and has no such run or project for us."""
    return any("Could not find" in text for text in _texts(error))


def _texts(error: BaseException) -> list[str]:
    """Return what an error and those it wraps say."""
    found: list[str] = []
    one: BaseException | None = error
    while one is not None and len(found) < 8:
        found += [str(one), str(getattr(one, "response", ""))]
        inner = one.__cause__ or getattr(one, "exc", None)
        one = inner if isinstance(inner, BaseException) else None
    return found
