"""The parts of a page: its frame, its blocks, its figures, its style and its small script."""
