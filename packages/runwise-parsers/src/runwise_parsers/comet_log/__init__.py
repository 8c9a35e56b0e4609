"""Comet's offline archives: where the messages are, and what they say."""
