"""darknet: YOLO up to version 4.

 1: 402.123456, 402.123456 avg loss, 0.001000 rate, 1.234567 seconds, 64 images, 12.3 hours left
1: 402.123456, 402.123456 avg, 0.001000 rate, 3.1 seconds, 64 images
 (next mAP calculation at 1000 iterations)   mean average precision (mAP@0.50) = 0.612345, or 61.23 %
"""  # noqa: E501  a line as it is printed

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.template import Template

_LINE = re.compile(
    rf"^\s*(?P<step>\d+): (?P<loss>{NUMBER}), (?P<avg>{NUMBER}) avg(?: loss)?, (?P<rate>{NUMBER})"
    rf" rate, (?P<seconds>{NUMBER}) seconds, (?P<images>\d+) images"
)
_MAP = re.compile(rf"mean average precision \(mAP@[\d.]+\) = (?P<map>{NUMBER}),")

TEMPLATE = Template(
    "darknet",
    (
        Form(_LINE, names={"avg": "avg_loss"}, needs=" avg"),
        Form(_MAP, names={"map": "val/mAP"}, keeps_place=True, needs="mAP@"),
    ),
    weight=4.0,
)
