"""Keras: a heading for each epoch, and a bar that is drawn again for each batch.

    Epoch 3/10
    12/100 [==>...........] - ETA: 5s - loss: 0.5123 - accuracy: 0.81
    4/4 ━━━━━━━━━━━━━━━━━━━━ 1s 12ms/step - loss: 2.2939 - mae: 1.18 - val_loss: 2.31
    100/100 - 5s - 50ms/step - loss: 0.4 - val_loss: 0.5
    step  10/100 [==>.......] - loss: 0.51 - acc: 0.8 - 12ms/step      (PaddlePaddle's)

Draws are parted by carriage returns or backspaces.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_HEADING = re.compile(r"^Epoch:? (?P<epoch>\d+)/(?P<epochs>\d+)\s*$")
_BAR = re.compile(
    r"^\s*(?P<batch>\d+)/(?P<batches>\d+)\s*(?:\[[=>.]*\]|[^\x00-\x7f]+|(?=- \d+m?s))"
    r"(?P<pairs>.* - \w+: [-+\d.nai].*)"
)

_PADDLE = re.compile(
    r"^step\s+(?P<batch>\d+)/(?P<batches>\d+)\s*(?:\[[=>. ]*\]\s*)?(?P<pairs>- \w*loss\w*: .*)"
)

TEMPLATE = Template(
    "keras",
    (
        Form(_HEADING, heading=True),
        Form(_BAR, TIGHT, roles=False),
        Form(_PADDLE, TIGHT, roles=False),
    ),
)
