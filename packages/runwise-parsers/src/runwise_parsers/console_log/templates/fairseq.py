"""fairseq, before and since hydra.

    | epoch 001:    100 / 1000 loss=9.1, nll_loss=8.6, ppl=388, num_updates=100, lr=1e-05
    | epoch 001 | loss 9.1 | nll_loss 8.6 | ppl 388.1 | num_updates 1000 | lr 0.0001
    | epoch 001 | valid on 'valid' subset | loss 8.1 | ppl 270.2 | num_updates 1000
    [2022-01-05 10:00:00,123][train_inner][INFO] - {"loss": "9.1", "num_updates": "200"}

In the JSON, numbers are texts.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.pairs import QUOTED, TIGHT
from runwise_parsers.console_log.template import Template

_PIPES = re.compile(rf"\|\s*(?P<k>[a-zA-Z]\w*)\s+(?P<v>{NUMBER})\s*(?=\||$)", re.ASCII)
_VALID = re.compile(r"\| epoch (?P<epoch>\d+) \| (?:valid|test) on '[^']+' subset (?P<pairs>\|.*)")
_TRAIN = re.compile(r"\| epoch (?P<epoch>\d+) (?P<pairs>\| \w+ [\d.naif].*)")
_INNER = re.compile(r"\| epoch (?P<epoch>\d+):\s+\d+ / \d+ (?P<pairs>\w+=.*)")
_LABELS = r"(?:train|train_inner|valid|test|dev)[\w-]*"
_HYDRA = re.compile(r"\[" + _LABELS + r"\]\[INFO\] - \{(?P<pairs>.*)\}")
_JSON = re.compile(r"\| INFO \| " + _LABELS + r" \| \{(?P<pairs>.*)\}")
_NAMED = re.compile(r"\| INFO \| (?:valid|test) \| (?:epoch (?P<epoch>\d+) )?(?P<pairs>\|.*)")

TEMPLATE = Template(
    "fairseq",
    (
        Form(_VALID, _PIPES, prefix="valid/"),
        Form(_TRAIN, _PIPES),
        Form(_INNER, TIGHT),
        Form(_HYDRA, QUOTED),
        Form(_JSON, QUOTED),
        Form(_NAMED, _PIPES, prefix="valid/"),
    ),
    longest=1 << 18,
)
