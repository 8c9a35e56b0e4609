"""litgpt. Several iterations make a step; the iteration orders them.

Epoch 1 | iter 20 step 5 | loss train: 1.234, val: n/a | iter time: 150.12 ms (step) remaining ...
iter 20: val loss 1.2345, val time: 1234.56 ms
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_NAMES = {"loss train": "train/loss", "loss": "train/loss", "val": "val/loss_shown"}
_LINE = re.compile(
    r"\biter (?P<step>\d+) step \d+ \| (?P<pairs>loss.*?iter time: [\d.]+)", re.IGNORECASE
)
_VALID = re.compile(r"\biter (?P<step>\d+): val loss (?P<loss>[-\d.naif]+)")

TEMPLATE = Template(
    "litgpt",
    (
        Form(_LINE, TIGHT, _NAMES, roles=False, needs=" step "),
        Form(_VALID, names={"loss": "val/loss"}, needs="val loss"),
    ),
    weight=1.2,
)
