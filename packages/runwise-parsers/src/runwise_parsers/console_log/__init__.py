"""Text logs: lines that a loop printed, recognised by template, read as columns."""
