r"""mmengine and mmcv.

2023/04/10 12:00:00 - mmengine - INFO - Epoch(train)  [1][ 50/100]  lr: 1.0e-02  eta: ...
2022-04-10 12:00:00,123 - mmdet - INFO - Epoch [1][50/100]\tlr: 1.0e-02, eta: 0:10:00, ...
2022-04-10 12:00:00,123 - mmseg - INFO - Iter [50/80000]\tlr: 1.0e-02, eta: 0:10:00, ...
... Epoch(val) [1][20/20]    coco/bbox_mAP: 0.1234  coco/bbox_mAP_50: 0.3
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_COUNT = r"\[\s*(?P<batch>\d+)/\s*(?P<batches>\d+)\]"
_EPOCH = re.compile(rf"\bEpoch(?:\(train\))?\s*\[\s*(?P<epoch>\d+)\]\s*{_COUNT}\s*(?P<pairs>.*)")
_ITER = re.compile(
    r"\bIter(?:\(train\))?\s*\[\s*(?P<step>\d+)/\s*(?P<total>\d+)\]\s*(?P<pairs>.*)"
)
_VALID = re.compile(
    r"\b(?:Epoch|Iter)\((?:val|test)\)\s*\[.*?\]\s*(?:\[.*?\]\s*)?(?P<pairs>[a-zA-Z].*)"
)

TEMPLATE = Template(
    "mmengine",
    (
        Form(_VALID, TIGHT, prefix="val/", keeps_place=True),
        Form(_EPOCH, TIGHT, roles=False),
        Form(_ITER, TIGHT, roles=False),
    ),
)
