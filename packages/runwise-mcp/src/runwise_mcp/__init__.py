"""An MCP server that answers questions about training runs on this machine."""
