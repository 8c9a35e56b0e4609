"""nanochat, and loops that print a step and pairs between bars.

step 00010/21400 (0.05%) | loss: 10.123456 | lrm: 1.00 | dt: 1234.56ms | tok/sec: 425,697 | ...
Step 00250 | Validation bpb: 1.1234
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_LINE = re.compile(
    r"\b[Ss]tep:? +(?P<step>\d+)(?:\s*/\s*(?P<total>\d+))?(?: \([\d.]+%\))?\s*\|\s*"
    r"(?P<pairs>[A-Za-z][\w /]*\s*[:=].*)"
)
_NAMES = {"Validation bpb": "val/bpb", "epoch": ""}

TEMPLATE = Template("nanochat", (Form(_LINE, TIGHT, _NAMES, needs="|"),))
