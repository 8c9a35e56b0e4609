"""``runwise-mcp``: its options, and how it is served."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runwise_mcp.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp.server import MCPServer

PORT = 8931


def start(make: Callable[..., MCPServer[Any]], arguments: Sequence[str] | None = None) -> None:
    """Serve as the arguments say, until the client hangs up or somebody ends it."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    for root in chosen.root:
        if not root.is_dir():
            parser.error(f"--root {root} is not a directory")
    if not chosen.http:
        if chosen.port or chosen.host or chosen.allowed_host or chosen.token:
            parser.error("--port, --host, --allowed-host and --token need --http")
        make(chosen.root, allow_remote=chosen.allow_remote).run()
        return
    from runwise_mcp.over_http import LOCAL, serve  # noqa: PLC0415 - stdio needs none of it

    host = chosen.host or LOCAL[0]
    token = chosen.token or os.environ.get("RUNWISE_MCP_TOKEN", "")
    if host not in LOCAL and not token:
        parser.error(f"--host {host} lets others in: set RUNWISE_MCP_TOKEN or --token")
    server = make(chosen.root, allow_remote=chosen.allow_remote)
    serve(server, host, PORT if chosen.port is None else chosen.port, token, chosen.allowed_host)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="runwise-mcp", description="Answer an agent's questions about training runs."
    )
    add = parser.add_argument
    add("--root", action="append", type=Path, default=[], metavar="DIR",
        help="a directory that may be read, the project's first (default: RUNWISE_PROJECT_ROOT, "
        "or the current one)")  # fmt: skip
    add("--allow-remote", action="store_true",
        help="runs on servers (W&B, MLflow, object stores) may be asked for")  # fmt: skip
    add("--http", action="store_true", help="serve streamable HTTP at /mcp instead of stdio")
    add("--port", type=int, metavar="N", help=f"of --http (default {PORT}; 0 takes a free one)")
    add("--host", metavar="NAME", help="address to listen at (default 127.0.0.1)")
    add("--allowed-host", action="append", default=[], metavar="NAME",
        help="a name clients may call this server by, besides --host")  # fmt: skip
    add("--token", metavar="SECRET",
        help="ask clients for this bearer token (better in RUNWISE_MCP_TOKEN)")  # fmt: skip
    add("--version", action="version", version=f"runwise-mcp {__version__}")
    return parser
