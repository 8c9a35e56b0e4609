"""What doctest must not import: the callbacks, each of which needs its framework."""  # noqa: INP001  # of pytest, in no package

from __future__ import annotations

collect_ignore_glob = ["src/runwise_detect/callbacks/[!_r]*.py"]
