"""``python -m runwise``."""

from __future__ import annotations

from runwise.main import main

if __name__ == "__main__":
    main(prog_name="runwise")
