"""YOLOX.

epoch: 1/300, iter: 10/1000, mem: 7000Mb, iter_time: 0.3s, data_time: 0.01s, total_loss: 12.3,
iou_loss: 4.0, l1_loss: 0.0, lr: 1.0e-05, size: 640, ETA: 1 day, 3:00:00     (on the same line)
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_LINE = re.compile(
    r"\bepoch: (?P<epoch>\d+)/(?P<epochs>\d+), iter: (?P<batch>\d+)/(?P<batches>\d+), "
    r"(?P<pairs>.*?)(?:,? ETA: .*)?$"
)
_COCO = re.compile(
    rf"Average (?P<label>Precision|Recall)\s+\(A[PR]\) @\[ IoU=0.50:0.95 \| area=\s+all \| "
    rf"maxDets=\s*100 \] = (?P<all>{NUMBER})"
)

TEMPLATE = Template(
    "yolox",
    (
        Form(_LINE, TIGHT, roles=False, needs="iter: "),
        Form(_COCO, TIGHT, {"all": "IoU=0.50:0.95"}, prefix="val/", needs="IoU="),
    ),
)
