"""Names in MLflow's file store, by which a walk tells it: nothing else need be loaded for that."""

from __future__ import annotations

import re

RUN_ID = re.compile(r"[0-9a-f]{32}")
META = "meta.yaml"
TRASH = ".trash"
METRICS, PARAMS, TAGS = "metrics", "params", "tags"
