"""Megatron-LM, Megatron-DeepSpeed and their forks.

     iteration       10/  100 | consumed samples:  160 | lm loss: 1.0E+01 | ... | number of nan ...
     validation loss at iteration 1000 | lm loss value: 2.345678E+00 | lm loss PPL: 1.044E+01 |

Every healthy line says "number of nan iterations: 0". A NaN stands in the loss itself.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import LOOSE, PIPED
from runwise_parsers.console_log.template import Template

_TRAIN = re.compile(
    r"\biteration:?\s+(?P<step>\d+)\s*/\s*(?P<total>\d+)\s*\|(?P<pairs>.*\bloss.*|.*\|.*:.*)"
)
_VALID = re.compile(
    r"\b(?:validation|test|eval\w*)[\w ]* (?:loss |results )?at (?:the end of training for "
    r"\w+ data|.*?\b(?:iteration|step)\s+(?P<step>\d+))[^|]*\|(?P<pairs>.*\|)"
)
_DEEPSPEED = re.compile(r"\bsteps: (?P<step>\d+) (?P<pairs>loss: .*)")

TEMPLATE = Template(
    "megatron",
    (
        Form(_VALID, PIPED, prefix="val/", roles=False, needs="|"),
        Form(_TRAIN, PIPED, roles=False, needs="iteration"),
        Form(_DEEPSPEED, LOOSE, needs="steps: "),
    ),
)
