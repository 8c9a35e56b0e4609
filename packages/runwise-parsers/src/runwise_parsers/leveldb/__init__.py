"""Logs in LevelDB's frames with Protocol Buffers in them: what W&B's and SwanLab's share."""
