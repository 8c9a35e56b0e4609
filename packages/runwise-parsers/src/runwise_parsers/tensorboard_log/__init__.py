"""TensorBoard event files: framed Protocol Buffers, read in columns."""
