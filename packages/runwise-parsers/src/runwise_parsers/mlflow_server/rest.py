"""One question to a server: a request and its answer as JSON, tried twice where that may help."""

from __future__ import annotations

import os
import ssl
import time
from base64 import b64encode
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import orjson

from runwise_parsers.mlflow_server.trouble import LATER, OTHERS, Answered, not_mlflow, unreached
from runwise_parsers.values import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runwise_parsers.mlflow_server.address import Address
    from runwise_parsers.remote import RemoteError

Json = dict[str, object]

_API = "/api/2.0/mlflow/"
_CHUNK = 1 << 20
_LONGEST_PAUSE = 10.0
_TRUE = ("true", "1")


class Server:
    """A server, and who asks it.

    ``timeout`` bounds how long it may be silent, ten times that how long one answer may take;
    ``pauses`` are what is waited before it is asked again, in seconds each.
    """

    def __init__(
        self, address: Address, *, timeout: float = 20.0, pauses: tuple[float, ...] = (0.5, 2.0)
    ) -> None:
        self.root = address.root
        self._login = _login(address)
        self._timeout = timeout
        self._pauses = pauses
        self._context = _context() if urlsplit(self.root).scheme == "https" else None

    def get(self, what: str, **asked: object) -> Json:
        """Return the answer to a question; raises ``RemoteError``."""
        words = urlencode({name: value for name, value in asked.items() if value is not None})
        return self._ask(f"{what}?{words}", None)

    def post(self, what: str, body: Mapping[str, object]) -> Json:
        """Return the answer to a question with many words; raises ``RemoteError``."""
        return self._ask(what, orjson.dumps(body))

    def _ask(self, what: str, body: bytes | None) -> Json:
        for pause in (*self._pauses, None):
            try:
                return self._once(what, body)
            except _Passing as error:
                if pause is None or error.pause > _LONGEST_PAUSE:
                    raise error.trouble from error
                time.sleep(max(pause, error.pause))
        raise AssertionError  # the last pause is None

    def _once(self, what: str, body: bytes | None) -> Json:
        """Ask once. Raises ``_Passing`` for what may be over in a moment."""
        headers = {"Accept": "application/json", "User-Agent": "runwise"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = Request(f"{self.root}{_API}{what}", body, headers)  # noqa: S310  of http only
        if self._login:  # a server that sends us elsewhere must not send the login there
            request.add_unredirected_header("Authorization", self._login)
        try:
            with cast("HTTPResponse", self._open(request)) as answer:
                data = self._whole(answer)
        except HTTPError as error:
            with error:
                raise self._refused(error) from error
        except TimeoutError as error:
            raise unreached(self.root, error, self._timeout) from error
        except (OSError, HTTPException, ValueError) as error:
            trouble = unreached(self.root, error, self._timeout)
            if isinstance(error, (ConnectionResetError, HTTPException)):
                raise _Passing(trouble) from error
            raise trouble from error
        return self._tree(data)

    def _open(self, request: Request) -> object:
        return urlopen(request, timeout=self._timeout, context=self._context)  # noqa: S310  see above

    def _whole(self, answer: HTTPResponse) -> bytes:
        """Return all bytes of an answer; a server may not send them one by one for ever."""
        until = time.monotonic() + 10 * self._timeout
        parts: list[bytes] = []
        while part := answer.read(_CHUNK):
            parts.append(part)
            if time.monotonic() > until:
                raise TimeoutError
        return b"".join(parts)

    def _tree(self, data: bytes) -> Json:
        try:
            tree = loads(data)
        except ValueError as error:
            start = data.lstrip()[:1]
            if start == b"{":
                raise _Passing(unreached(self.root, ConnectionError(), 0.0)) from error
            raise not_mlflow(self.root, "a web page" if start == b"<" else "no JSON") from error
        if not isinstance(tree, dict):
            raise not_mlflow(self.root, "something else")
        return cast("Json", tree)

    def _refused(self, error: HTTPError) -> RemoteError | _Passing:
        """Return what an error that was answered means."""
        code = said = ""
        try:
            tree = loads(error.read(_CHUNK))
        except (OSError, HTTPException, ValueError):
            tree = None
        if isinstance(tree, dict):
            words = cast("Json", tree)
            code, said = str(words.get("error_code", "")), str(words.get("message", ""))
        if not code and error.code in OTHERS:
            return not_mlflow(self.root, f"error {error.code}")
        answered = Answered(self.root, error.code, code, said)
        if error.code not in LATER:
            return answered
        wait = error.headers.get("Retry-After", "")
        return _Passing(answered, float(wait) if wait.isdigit() else 0.0)


class _Passing(Exception):  # noqa: N818  no error of anybody but us
    """A trouble that may soon be over; ``pause`` is what the server asks for, in seconds."""

    def __init__(self, trouble: RemoteError, pause: float = 0.0) -> None:
        super().__init__()
        self.trouble = trouble
        self.pause = pause


def _login(address: Address) -> str:
    """Return the header of a login: that of the URL, or what MLflow's own settings say."""
    env = os.environ
    user, word = env.get("MLFLOW_TRACKING_USERNAME"), env.get("MLFLOW_TRACKING_PASSWORD")
    pair = address.login or ((user, word) if user and word else None)
    if pair:
        return "Basic " + b64encode(":".join(pair).encode()).decode()
    token = env.get("MLFLOW_TRACKING_TOKEN", "").strip()
    return f"Bearer {token}" if token else ""


def _context() -> ssl.SSLContext:
    """Return whom to trust, as MLflow's own settings say."""
    context = ssl.create_default_context(
        cafile=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None
    )
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in _TRUE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
