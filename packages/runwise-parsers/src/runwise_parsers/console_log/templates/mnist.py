r"""PyTorch's MNIST example, and the thousands of loops that began as it.

Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.300039
Test set: Average loss: 0.0504, Accuracy: 9837/10000 (98%)
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.pairs import LOOSE
from runwise_parsers.console_log.template import Template
from runwise_parsers.console_log.templates.generic import EVALUATIONS

_TRAIN = re.compile(
    r"\bEpoch:? (?P<epoch>\d+) \[\s*(?P<batch>\d+)/(?P<batches>\d+) \(\s*[\d.]+%\)\]\s*"
    r"(?P<pairs>.*)"
)
_TEST = re.compile(
    rf"\b(?:Test|Val|Validation) set: Average loss: (?P<loss>{NUMBER}), Accuracy: \d+/\d+ "
    rf"\((?P<accuracy>{NUMBER})%\)"
)

TEMPLATE = Template(
    "mnist",
    (
        Form(_TRAIN, LOOSE, roles=False, needs="%)]"),
        Form(_TEST, prefix="val/", keeps_place=True, needs="set: "),
    ),
    others=EVALUATIONS,
)
