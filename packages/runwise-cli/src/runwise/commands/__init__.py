"""The shelf of commands: one file each, named like its command."""
