"""``python -m runwise.mcp_server``, as runwise 0.5's documentation says to start the server.

It lives in a distribution of its own, so that the command needs none of what it needs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MISSING = "runwise: the MCP server is in runwise-mcp: pip install runwise-mcp\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, or say what to install."""
    if find_spec("runwise_mcp") is None:
        sys.stderr.write(MISSING)
        return 1
    import_module("runwise_mcp.server").main(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
