"""Answer an agent's questions about training runs over the Model Context Protocol.

    {"mcpServers": {"runwise": {"command": "runwise-mcp", "args": ["--root", "."]}}}

The tools give the same text as the command line: compact, bounded, the verdict first. Only what
lies inside the roots is read, and nothing is written but runwise's own cache.
"""

import os

from runwise_mcp.version import __version__

__all__ = ["__version__"]

# Before pydantic is imported: the address under each of its errors costs an agent 20 tokens.
os.environ.setdefault("PYDANTIC_ERRORS_INCLUDE_URL", "0")
