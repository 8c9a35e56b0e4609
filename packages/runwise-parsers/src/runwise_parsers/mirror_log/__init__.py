"""Mirrors: what was fetched of a run that lives on a server."""
