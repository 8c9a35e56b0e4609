"""Hugging Face Trainer, TRL and their heirs: a Python dict for each time something was logged.

    {'loss': 0.5123, 'grad_norm': 1.2, 'learning_rate': 2e-05, 'epoch': 0.35}
    {'eval_loss': '1.998', 'eval_runtime': '12.3', 'epoch': '1.25'}
      eval_loss               =     0.5123

There is no step in it, so the epoch orders the rows. transformers 5 prints numbers as texts. A
progress bar may stand before the dict on the same line.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.pairs import QUOTED
from runwise_parsers.console_log.template import Template

_LINE = re.compile(
    r"""\{(?P<pairs>(?=[^{}]*["'](?:(?:eval_|train_|test_)?\w*(?:loss|reward|runtime|acc)\w*"""
    r"""|epoch|rewards?/[\w/]+)["']:)["'][^{}]*)\}"""
)

_EQUALS = re.compile(rf"(?P<k>eval_\w+)\s+=\s+(?P<v>{NUMBER})")
_RESULT = re.compile(r"^\s+(?P<pairs>eval_\w+\s+=\s+\S+)\s*$")

TEMPLATE = Template(
    "hf_trainer",
    (Form(_LINE, QUOTED, needs="{"),),
    others=(Form(_RESULT, _EQUALS, keeps_place=True, needs="eval_"),),
    longest=1 << 18,
)
