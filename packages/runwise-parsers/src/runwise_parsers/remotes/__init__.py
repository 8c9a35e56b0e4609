"""The shelf of remotes: one file for each kind of server."""
