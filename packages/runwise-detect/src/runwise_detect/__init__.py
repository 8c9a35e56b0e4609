"""Watch a training run and say what is wrong with it, step by step."""
