"""W&B's cloud, or a server of one's own, through W&B's client."""
