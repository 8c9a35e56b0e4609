"""timm: the value of this batch, and the average so far in parentheses.

Train: 0 [   0/1251 (  0%)]  Loss: 6.942 (6.94)  Time: 1.2s,  850/s  LR: 1.000e-06
Test: [  97/97]  Time: 0.1 (0.2)  Loss: 6.9 (6.9)  Acc@1: 0.1 ( 0.1)  Acc@5: 0.5 ( 0.5)
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template
from runwise_parsers.console_log.templates.generic import EVALUATIONS

_TRAIN = re.compile(
    r"\bTrain: (?P<epoch>\d+) \[\s*(?P<batch>\d+)/(?P<batches>\d+) \(\s*\d+%\)\]\s+(?P<pairs>.*)"
)
_TEST = re.compile(r"\bTest[\w ()]*: \[\s*\d+/\d+\]\s+(?P<pairs>\w.*:.*)")

TEMPLATE = Template(
    "timm",
    (
        Form(_TRAIN, TIGHT, roles=False, needs="Train: "),
        Form(_TEST, TIGHT, prefix="val/", keeps_place=True, needs="Test"),
    ),
    others=EVALUATIONS,
)
