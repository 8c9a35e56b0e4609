"""nanoGPT and its many forks.

iter 10: loss 3.2109, time 12.34ms, mfu 4.50%
step 250: train loss 2.4521, val loss 2.4711
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.template import Template
from runwise_parsers.console_log.templates.generic import EVALUATIONS

_NAMES = {"train loss": "train/loss", "val loss": "val/loss"}

TEMPLATE = Template(
    "nanogpt",
    (
        Form(re.compile(r"\biter (?P<step>\d+): (?P<pairs>.*\bloss .*)"), names=_NAMES),
        Form(re.compile(r"\bstep (?P<step>\d+): (?P<pairs>train loss .*)"), names=_NAMES),
    ),
    others=EVALUATIONS,
)
