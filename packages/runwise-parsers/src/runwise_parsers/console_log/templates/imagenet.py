r"""The loops of PyTorch's ImageNet example, of torchvision, DeiT, MAE and DETR.

Epoch: [0][  10/5005]\tTime  0.31 ( 0.52)\tData  0.00 ( 0.1)\tLoss 7.0e+00 (7.1e+00)\tAcc@1 ...
Epoch: [0]  [  10/5005]  eta: 0:30:00  lr: 0.1  loss: 6.9123 (6.9321)  time: 0.3  data: 0.01
Test: [ 0/98]\tTime  6.1 ( 6.1)\tLoss 5.9 (5.9)\tAcc@1   0.10 (  0.10)
 * Acc@1 71.003 Acc@5 90.106
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import LOOSE
from runwise_parsers.console_log.template import Template
from runwise_parsers.console_log.templates.generic import EVALUATIONS

_TRAIN = re.compile(
    r"\bEpoch:? ?\[\s*(?P<epoch>\d+)\]\s*\[\s*(?P<batch>\d+)/(?P<batches>\d+)\]:?\s+"
    r"(?:eta: [\w, :]*?\d:\d\d:\d\d\s+)?(?P<pairs>.*)"
)
_TEST = re.compile(
    r"\b(?:Test|Val|Valid|Validation|Eval):?\s+\[\s*\d+/\d+\]:?\s+"
    r"(?:eta: [\w, :]*?\d:\d\d:\d\d\s+)?(?P<pairs>.*)"
)
_WHOLE = re.compile(r"^\s*\*+ (?:\w+:? )?(?P<pairs>(?:Acc|Prec|mAP|loss)\S* .*)")

TEMPLATE = Template(
    "imagenet",
    (
        Form(_TRAIN, LOOSE, roles=False),
        Form(_TEST, LOOSE, prefix="val/batch/", keeps_place=True),
        Form(_WHOLE, LOOSE, prefix="val/", keeps_place=True),
    ),
    others=EVALUATIONS,
)
