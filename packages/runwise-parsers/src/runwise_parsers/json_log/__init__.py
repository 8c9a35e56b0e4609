"""JSON Lines: windows of whole lines, rows as columns."""
