"""llm.c: what it prints, and its ``main.log``.

step   10/19560 | loss 7.123456 (+0.24z)| norm 1.2345 (-0.1z)| lr 1.20e-05 | 1234.56 ms | ...
val loss 6.123456
s:128 tel:6.034447
s:128 trl:6.082862 lr:0.000111 norm:0.83
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.template import Template

_NAMES = {
    "trl": "train/loss",
    "tel": "val/loss",
    "eval": "eval/accuracy",
    "train loss": "train/loss",
    "val loss": "val/loss",
}
_COSTS = (
    rf"(?=(?:.*\|\s*\(?(?P<ms>{NUMBER}) ms)?)(?=(?:.*\|\s*(?P<mfu>{NUMBER})% \w+ MFU)?)"
    rf"(?=(?:.*\|\s*(?P<tokens>{NUMBER}) tok/s)?)"
)
_COSTS_NAMES = _NAMES | {"ms": "time_ms", "mfu": "mfu", "tokens": "tok/s"}

TEMPLATE = Template(
    "llmc",
    (
        Form(re.compile(r"^s:(?P<step>\d+) (?P<pairs>(?:trl|tel|eval):.*)"), names=_NAMES),
        Form(
            re.compile(
                r"^\s*step\s+(?P<step>\d+)/(?P<total>\d+)\s*\|"
                rf"(?=.*\bloss +[-\dni]){_COSTS}(?P<pairs>(?:[^|]*\|){{1,3}})"
            ),
            names=_COSTS_NAMES,
        ),
        Form(re.compile(rf"^val loss:? (?P<val>{NUMBER})\s*$"), names={"val": "val/loss"}),
    ),
)
