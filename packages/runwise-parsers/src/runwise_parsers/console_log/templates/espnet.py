"""ESPnet 2. An epoch's results hold those of training and of validation on one line.

[host] 2022-05-01 10:00:00,123 (trainer:732) INFO: 1epoch:train:1-500batch: iter_time=1e-4, ...
[host] 2022-05-01 10:00:00,123 (trainer:338) INFO: 1epoch results: [train] loss=40.1, ..., [valid] ...
"""  # noqa: E501  a line as it is printed

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.template import Template

_PAIR = re.compile(rf"(?P<k>[A-Za-z_]\w*)=(?P<v>{NUMBER})(?=, |$)", re.ASCII)
_TRAIN = re.compile(r"\b(?P<epoch>\d+)epoch:train:\d+-(?P<batch>\d+)batch: (?P<pairs>.*)")
_VALID = re.compile(r"\b(?P<epoch>\d+)epoch results: .*?\[valid\] (?P<pairs>.*)")

TEMPLATE = Template(
    "espnet",
    (
        Form(_TRAIN, _PAIR, roles=False, needs="epoch:train:"),
        Form(_VALID, _PAIR, prefix="valid/", roles=False, needs="epoch results:"),
    ),
    weight=1.5,
)
