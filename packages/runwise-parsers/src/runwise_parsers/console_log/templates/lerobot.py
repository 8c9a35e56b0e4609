"""lerobot: steps and samples are shortened, so many lines share a step.

INFO 2026-06-12 10:58:46 ot_train.py:357 step:1K smpl:32K ep:101 epch:2.53 loss:1.226 ...
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_LINE = re.compile(r"\bstep:(?P<step>[\d.]+)[KMBTQ]? (?P<pairs>smpl:.*)")

TEMPLATE = Template("lerobot", (Form(_LINE, TIGHT, roles=False, needs="smpl:"),))
