"""Render reports with numbers in as few tokens as possible, for agents and people."""
