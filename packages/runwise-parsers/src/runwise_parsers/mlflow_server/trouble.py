"""What can go wrong with a server, and what to do about each."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, IncompleteRead
from urllib.error import URLError

from runwise_parsers.remote import RemoteError

LATER = frozenset({429, 500, 502, 503, 504})
"""Answers after which the same question may do better."""
OTHERS = frozenset({404, 405, 501})
"""Answers of servers that are none of MLflow's, if nothing of its own comes with them."""
_SHOWN = 80
_LOGINS = (401, 403)
_LOGIN = "Set MLFLOW_TRACKING_USERNAME and ..._PASSWORD, or MLFLOW_TRACKING_TOKEN."
_WRONG = "Check the address: host, port, prefix."


class Answered(RemoteError):  # noqa: N818  it is what a server said
    """A server answered with an error: ``status`` of HTTP, ``code`` of MLflow (may be empty)."""

    def __init__(self, root: str, status: int, code: str = "", said: str = "") -> None:
        more = f": {said[:_SHOWN]}" if said and status not in _LOGINS else ""
        what, remedy = _MEANT.get(status, ("answered with", "See what its log says."))
        super().__init__(f"MLflow at {root} {what} ({status}){more}", remedy)
        self.status = status
        self.code = code

    @property
    def missing(self) -> bool:
        """Whether MLflow says that there is no such thing."""
        return self.code == "RESOURCE_DOES_NOT_EXIST"


_MEANT = {
    400: ("does not take the question", "It may be too old, or the filter may have a mistake."),
    401: ("wants a login", _LOGIN),
    403: ("does not let this login read it", "Ask for permission to read, or use another login."),
    404: ("does not know the address", _WRONG),
    407: ("is behind a proxy that wants a login", "See HTTPS_PROXY and NO_PROXY."),
    429: ("takes no more questions for now", "Wait a minute, and ask again."),
    500: ("failed", "Ask again later, or see what its log says."),
    502: ("cannot be reached behind its proxy", "Ask again later: the server may be starting."),
    503: ("is not available", "Ask again later: the server may be starting."),
    504: ("did not answer its proxy in time", "Ask again later: the server may be busy."),
}


def unreached(root: str, error: Exception, timeout: float) -> RemoteError:
    """Return what is to be said of a server that gave no answer, or not all of one."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, (TimeoutError, socket.timeout)):  # the same from Python 3.10 on
        return RemoteError(
            f"MLflow at {root} did not answer within {timeout:g} s",
            "Ask again later; check VPN, proxy and firewall.",
        )
    if isinstance(cause, socket.gaierror):
        return RemoteError(f"there is no host for {root}", "Check the name, and the network.")
    if isinstance(cause, ssl.SSLError):
        return RemoteError(
            f"the certificate of {root} is not trusted",
            "Set MLFLOW_TRACKING_SERVER_CERT_PATH, or MLFLOW_TRACKING_INSECURE_TLS=true.",
        )
    if isinstance(cause, ConnectionRefusedError):
        return RemoteError(
            f"nothing listens at {root}", "Start the server, or check host and port."
        )
    if isinstance(cause, (IncompleteRead, ConnectionError)):
        return RemoteError(f"MLflow at {root} broke off in the middle of an answer", "Ask again.")
    if isinstance(cause, HTTPException):
        return RemoteError(f"what answers at {root} does not speak HTTP", _WRONG)
    said = str(cause)[:_SHOWN]
    return RemoteError(f"MLflow at {root} cannot be reached: {said}", _WRONG)


def not_mlflow(root: str, what: str) -> RemoteError:
    """Return what is to be said of an answer that is none of MLflow's."""
    remedy = "Check the address; of a web server, name a file or a directory."
    return RemoteError(f"no MLflow server answers at {root}: it sent {what}", remedy)
