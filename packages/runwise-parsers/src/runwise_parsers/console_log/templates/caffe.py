"""Caffe: the smoothed loss of an iteration; the net's outputs are told apart from it.

I0501 10:00:00.123456 12345 solver.cpp:228] Iteration 100, loss = 0.5123
I0501 10:00:00.123456 12345 solver.cpp:244]     Train net output #0: loss = 0.61 (* 1 = 0.61 loss)
I0501 10:00:00.123456 12345 solver.cpp:404]     Test net output #0: accuracy = 0.91
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_LINE = re.compile(
    r"\] Iteration (?P<step>\d+)(?: \([^)]*\))?, (?P<pairs>(?:loss|lr|Testing)\b.*)"
)
_TRAIN = re.compile(r"\] +Train net output #\d+: (?P<pairs>\w+ = \S+)")
_TEST = re.compile(r"\] +Test net output #\d+: (?P<pairs>\w+ = \S+)")

TEMPLATE = Template(
    "caffe",
    (
        Form(_LINE, TIGHT, heading=True, needs="Iteration"),
        Form(_TRAIN, TIGHT, prefix="train/", keeps_place=True, needs="net output"),
        Form(_TEST, TIGHT, prefix="test/", keeps_place=True, needs="net output"),
    ),
    fewest=2,
)
