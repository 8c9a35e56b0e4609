"""torchtune: the lines of its logger, and its progress bar.

    Step 10 | loss:1.2345 lr:2e-05 tokens_per_second_per_gpu:1234.5
    1|171|Loss: 1.0707:  34%|███▍      | 171/508 [01:57<03:51,  1.46it/s]

The bar is drawn twice for each step; both draws are rows.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.template import Template

TEMPLATE = Template(
    "torchtune",
    (
        Form(re.compile(r"^Step (?P<step>\d+) \| (?P<pairs>[\w/.-]+:\S.*)")),
        Form(
            re.compile(r"^(?P<epoch>\d+)\|(?P<step>\d+)\|(?P<pairs>\w+: [^|]*?):\s+\d+%\|"),
            names={"Loss": "loss"},
        ),
    ),
    weight=1.2,
)
