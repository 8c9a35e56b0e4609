"""Ranks of one training, each with a log of its own."""
