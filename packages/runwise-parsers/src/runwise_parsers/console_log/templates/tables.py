"""Tables between rules, as OpenAI's baselines and their heirs print them.

    ------------------------           ---------------------------------
    | grad_norm | 95.4     |           | rollout/           |          |
    | loss      | 10.5     |           |    ep_len_mean     | 32       |
    | step      | 4.74e+04 |           | time/              |          |
    ------------------------           |    total_timesteps | 2048     |
                                       ---------------------------------

A table is a row. Names below a heading (Stable Baselines) get it in front of them. Steps may be
rounded, so that tables share one. Where none is printed, tables are counted.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.template import Template

_CELLS = re.compile(
    rf"\|\s*(?P<k>(?!\d)[^\s|](?:[^\s|]| (?=[^ |]))*)\s*\|\s*(?P<v>{NUMBER})\s*\|", re.ASCII
)

TEMPLATE = Template(
    "tables",
    (Form(re.compile(r"^\s*(?P<pairs>\|[^|]*\|[^|]*\|.*)$"), _CELLS),),
    blocks=True,
    longest=1 << 18,
)
