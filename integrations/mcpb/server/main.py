"""The server of the bundle: the one that runwise-mcp installs."""

from runwise_mcp.server import main

main()
