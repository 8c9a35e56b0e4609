"""Streamable HTTP: to clients on this machine, or to those who know the token.

A web page that somebody visits may call servers on that person's machine, so calls must name a
host and an origin we answer to.
"""

from __future__ import annotations

import hmac
import socket
import sys
from typing import TYPE_CHECKING, Any, cast

from mcp.server.transport_security import TransportSecuritySettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.server import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL = ("127.0.0.1", "localhost", "::1")
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - these are refused without a token
PATH = "/mcp"


def serve(
    server: MCPServer[Any], host: str, port: int, token: str, names: Sequence[str] = ()
) -> None:
    """Serve until somebody ends it; the address is said on stderr once it can be called."""
    import uvicorn  # noqa: PLC0415 - stdio needs none of it

    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # calls wait from now on
    except OSError as error:
        raise SystemExit(f"runwise-mcp: {host}:{port}: {error.strerror or error}") from error
    # Not httptools, where it is installed: it leaves blanks behind the values of headers.
    config = uvicorn.Config(app_of(server, host, token, names), log_level="warning", http="h11")
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"runwise-mcp: http://{shown}:{listener.getsockname()[1]}{PATH}\n")
    sys.stderr.flush()
    uvicorn.Server(config).run(sockets=[listener])


def app_of(
    server: MCPServer[Any], host: str, token: str = "", names: Sequence[str] = ()
) -> ASGIApp:
    """Return the application that answers at ``PATH``."""
    called = [*LOCAL, *names]
    called += [socket.gethostname()] if host in ANYWHERE else [host]
    hosts = [f"[{name}]" if ":" in name else name for name in dict.fromkeys(called)]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[form for name in hosts for form in (name, f"{name}:*")],
        allowed_origins=[
            form
            for name in hosts
            for scheme in ("http", "https")
            for form in (f"{scheme}://{name}", f"{scheme}://{name}:*")
        ],
    )
    app = server.streamable_http_app(
        streamable_http_path=PATH, host=host, transport_security=security
    )
    return Guarded(app, token) if token else app


class Guarded:
    """An application behind a bearer token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a call on if it brings the token."""
        headers = cast("list[tuple[bytes, bytes]]", scope.get("headers") or [])
        given = dict(headers).get(b"authorization", b"")
        if scope["type"] != "http" or hmac.compare_digest(given, self._wanted):
            await self._app(scope, receive, send)
            return
        asked = [(b"www-authenticate", b"Bearer"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 401, "headers": asked})
        await send({"type": "http.response.body", "body": b"a bearer token is needed\n"})
