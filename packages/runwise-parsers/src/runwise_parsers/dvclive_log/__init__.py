"""DVCLive: one table for each metric, and where they lie."""
