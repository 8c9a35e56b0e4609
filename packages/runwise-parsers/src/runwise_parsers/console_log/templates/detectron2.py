"""detectron2.

[04/10 12:00:00 d2.utils.events]:  eta: 1:02:03  iter: 19  total_loss: 2.3  loss_cls: 1.2 ...
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_LINE = re.compile(r"\biter: (?P<step>\d+)(?:/(?P<total>\d+))?\s+(?P<pairs>\w*loss\w*: .*)")

TEMPLATE = Template("detectron2", (Form(_LINE, TIGHT, roles=False, needs="iter: "),))
