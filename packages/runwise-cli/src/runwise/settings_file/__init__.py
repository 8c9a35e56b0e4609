"""The project's settings as they are written down: where, in which words, and what is wrong."""
