"""``python -m runwise_mcp``."""

from __future__ import annotations

from runwise_mcp.server import main

if __name__ == "__main__":
    main()
