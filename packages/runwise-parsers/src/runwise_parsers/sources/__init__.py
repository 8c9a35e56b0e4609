"""The shelf of sources: one file for each tracker's format."""
