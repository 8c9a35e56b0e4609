r"""Boosted trees: XGBoost, LightGBM and CatBoost, a line for each round.

[10]\ttrain-rmse:0.51234\teval-rmse:0.61234
[10]\ttraining's l2: 0.123\tvalid_1's l2: 0.234        [10]\tcv_agg's l2: 0.2 + 0.01
[LightGBM] [Info] Iteration:10, valid_1 auc : 0.712
10:\tlearn: 0.5123\ttest: 0.6123\tbest: 0.61 (9)\ttotal: 50ms\tremaining: 1.2s

"Early stopping, best iteration is:" is followed by the line of an older round.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.template import Template

_NAME = r"[A-Za-z_][\w@.%-]*(?:'s [\w@.%-]+)?"
_PAIR = re.compile(rf"(?<!\S)(?P<k>{_NAME})\s?:\s?(?P<v>{NUMBER})(?![\w.])", re.ASCII)
_ROUND = re.compile(rf"^(?:.*\] )?\[(?P<step>\d+)\][\t ]+(?P<pairs>{_NAME}\s?:\s?[-+\dni.].*)$")
_CLI = re.compile(r"\bIteration:(?P<step>\d+), (?P<pairs>\S.* : [-+\dni.]\S*)\s*$")
_CLI_PAIR = re.compile(rf"(?P<k>[A-Za-z_][\w .@-]*?) : (?P<v>{NUMBER})(?![\w.])", re.ASCII)
_CAT = re.compile(
    rf"^\s*(?P<step>\d+):\t(?:learn: (?P<learn>{NUMBER})\t)?(?:test: (?P<test>{NUMBER})\t)?"
    rf"(?:best: (?P<best>{NUMBER}) \(\d+\)\t)?total: "
)

TEMPLATE = Template(
    "boosting",
    (
        Form(_ROUND, _PAIR, roles=False, needs="]"),
        Form(_CLI, _CLI_PAIR, roles=False, needs="Iteration:"),
        Form(_CAT, needs="total: "),
    ),
    fewest=2,
)
