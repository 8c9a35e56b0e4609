"""The binary log of W&B: framing, wire format, history columns."""
