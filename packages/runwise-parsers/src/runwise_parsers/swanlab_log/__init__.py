"""SwanLab's run directories; see ``sources/swanlab``."""
