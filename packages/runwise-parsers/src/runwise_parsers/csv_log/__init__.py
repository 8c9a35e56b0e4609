"""Tables of numbers: rows as text, columns as curves."""
