"""modded-nanogpt: the source of the script, a rule, and then a line for each step.

step:125/5100 val_loss:4.6123 train_time:12345ms step_avg:102.34ms
step:126/5100 train_time:12447ms step_avg:102.33ms
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.template import Template

_LINE = re.compile(r"^step:(?P<step>\d+)/(?P<total>\d+) (?P<pairs>\w+:.*)")

TEMPLATE = Template("modded_nanogpt", (Form(_LINE, needs="step:"),))
