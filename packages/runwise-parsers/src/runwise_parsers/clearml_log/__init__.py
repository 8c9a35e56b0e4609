"""ClearML's offline sessions: their events, their console, their task."""
