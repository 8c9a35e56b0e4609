"""Summarise and downsample training curves without losing a spike or a NaN."""
