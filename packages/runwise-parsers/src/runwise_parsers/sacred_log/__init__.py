"""Sacred's FileStorageObserver: the entry of a run, its metrics, what it printed."""
