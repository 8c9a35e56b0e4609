"""clu's writer of metrics, as flax, T5X, ViT and Scenic print through absl.

I0501 10:00:00.123456 140012345678912 logging_writer.py:48] [100] loss=2.1, train_accuracy=0.31
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_LINE = re.compile(r"\.py:\d+\] \[(?P<step>\d+)\] (?P<pairs>[A-Za-z_][^=\s]*=.*)")

TEMPLATE = Template("absl", (Form(_LINE, TIGHT, roles=False, needs="] ["),), fewest=2, weight=1.5)
