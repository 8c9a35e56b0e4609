"""Ask how a training run is going, what is wrong and which run is better."""
