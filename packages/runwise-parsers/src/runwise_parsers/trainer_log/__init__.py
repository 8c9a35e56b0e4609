"""Hugging Face's Trainer: the state it saves, its rows, the directory it works in."""
