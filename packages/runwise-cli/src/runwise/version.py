"""The version, where a command can read it without searching the installed distributions."""

__version__ = "0.6.0"
