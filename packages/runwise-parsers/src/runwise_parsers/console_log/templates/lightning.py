"""Lightning: its bars of rich, and of tqdm before a version of it.

Epoch 3/9 ━━━━━━━━━ 45/100 0:00:10 • 0:00:12 4.50it/s v_num: 0.000 train_loss: 0.512
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import LOOSE
from runwise_parsers.console_log.template import Template

_RICH = re.compile(
    r"^\s*Epoch (?P<epoch>\d+)(?:/(?P<epochs>-?\d+))?\s+[^\x00-\x7f ]+\s*[^\x00-\x7f ]*\s+"
    r"(?P<batch>\d+)/(?P<batches>\d+)\s+[\d:]+ \S+ [-\d:]+\s+\S*it/s\s+(?P<pairs>.*)"
)

TEMPLATE = Template("lightning", (Form(_RICH, LOOSE, {"v_num": ""}, roles=False, needs="it/s"),))
