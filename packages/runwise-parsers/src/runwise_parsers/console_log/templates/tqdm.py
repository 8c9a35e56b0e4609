"""tqdm: a progress bar with numbers behind it.

    Epoch 1:  34%|███▍      | 12/100 [00:01<00:09,  9.8it/s, loss=0.512, acc=.9]
    Epoch [3/10] loss 0.512:  34%|###4      | 12/100 [00:01<00:09,  9.8it/s]

Draws are parted by carriage returns. Bars without numbers (downloads) are none of it. What is
printed between the bars is read as well.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import LOOSE
from runwise_parsers.console_log.template import Template
from runwise_parsers.console_log.templates.generic import LINES

_BAR = (
    r"\d+%\|[^|]*\|\s*(?P<batch>\d+(?:\.\d+(?=[kMG]?/))?)[kMG]?"
    r"/(?P<batches>\d+(?:\.\d+)?)[kMG]? \["
)
_EPOCH = (
    r"(?=(?:[^|]{0,120}?(?i:\bepochs?|\bep)\W{0,3}(?P<epoch>\d+)(?:\s?/\s?(?P<epochs>\d+))?)?)"
)
_BEHIND = r"[^\]]*?,(?P<pairs>[^\]]*=[^\]]*)"
_VALID = re.compile(
    r"(?i)^(?=[^|]{0,60}?(?<![a-z])(?:val|valid|validation|validating|eval\w*|test\w*)(?![a-z]))"
    rf"[^|]{{0,160}}?\d+%\|[^|]*\|\s*\d+/\d+ \[{_BEHIND}"
)
_TRAIN = re.compile(rf"^{_EPOCH}(?P<pairs2>[^|]{{0,200}}?):?\s*{_BAR}{_BEHIND}")
_TOLD = re.compile(rf"^{_EPOCH}(?P<pairs>[^|]{{3,200}}?):?\s*{_BAR}")

_NAMES = {"v_num": "", "Epoch": "", "epoch": "", "Step": "", "step": ""}

TEMPLATE = Template(
    "tqdm",
    (
        Form(_VALID, LOOSE, prefix="val/", keeps_place=True, needs="%|"),
        Form(_TRAIN, LOOSE, _NAMES, roles=False, needs="%|"),
        Form(_TOLD, LOOSE, _NAMES, roles=False, needs="%|"),
    ),
    others=LINES,
    weight=0.9,
    longest=1 << 12,
)
