"""Any other loop: names and numbers on a line, with a step, or with a name that says outcome.

    ep: 0, batch: 20, time: 9.17, ntokens: 485.20/513, loss: 10.984375
    Epoch: 3, Average Loss: 4.38, Trn Accuracy: 3.21%, lr: 0.0005
    Average Val Loss: 4.36, Val_accuracy: 3.31
    It: 10, Loss: 1.234e-03, Time: 0.12
    ===== epoch 3 =====      Epoch 3/10      [epoch 3]       (order the lines behind them)

A line that names an outcome but no step belongs to that of the line before. A line with neither
is none of ours, whatever numbers stand in it: settings, sizes, file names, times.
"""

from __future__ import annotations

import re

from runwise_parsers.console_log.form import Form, Found
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.pairs import TIGHT
from runwise_parsers.console_log.template import Template

_OUTCOME = re.compile(
    r"(?i)(?:^|[^a-z])(?:[a-z0-9]*loss(?:es)?|[a-z]?acc(?:uracy)?|top[-_]?[15]|ppl|perplexity|rewards?"
    r"|returns?|scores?|f1|precision|recall|auc|auroc|auprc|[brn]*mse|mae|mape|psnr|ssim|lpips"
    r"|[mf]?w?iou|dice|m?ap[0-9]*|bleu|rouge[0-9l]*|[cwep]er|eer|fid|kld?|elbo|nll|bp[bc]|r2|err(?:or)?"
    r"|energy|grad[-_ ]?norm|entropy|hit|ndcg|mrr|success|residual|objective|cost)"
    r"(?:[^a-z]|$)"
)
_TWO = 2
_SPLITS = frozenset({"train", "val", "valid", "validation", "test", "dev"})
"""Scores that are called but by what they were measured on: ``Train: 0.91, Val: 0.85``."""


_WEAK = re.compile(
    r"(?i)(?:.*[^a-z])?(?:scores?|err(?:or)?|energy|hit|success|residual|objective|cost)"
)


def is_outcome(name: str) -> bool:
    """Say whether a name is one of what a training is judged by."""
    return _OUTCOME.search(name) is not None


def _is_sure(found: Found) -> bool:
    """Say whether a line tells what text it stands in: all kinds have scores and errors."""
    names = [one.name for one in found.spots if not one.role]
    placed = any(found.has(role) for role in ("step", "batch", "epoch"))
    return placed or any(is_outcome(name) and not _WEAK.fullmatch(name) for name in names)


def is_told(found: Found) -> bool:
    """Say whether a line tells of a training: an outcome, or two numbers at a step."""
    names = [one.name for one in found.spots if not one.role]
    if (
        any(is_outcome(name) for name in names)
        or len(_SPLITS.intersection(map(str.lower, names))) > 1
    ):
        return True
    return len(names) >= _TWO and (found.has("step") or found.has("batch"))


_HEADING = re.compile(
    r"(?i)^(?:[-=*#>\[( ]{0,120}|\d{4}-\d\d-\d\d[ T][\d:.,]{8,15}[: -]{1,3}"
    r"|.{0,120}?(?:\bINFO\b|[\]>|:-])\s{0,4}[-=*#\[(]{2,120}\s?)"
    r"(?:start(?:ing)? |train(?:ing)? |begin(?:ning)? )?"
    r"epoch(?: ?#?|[: ] ?|: ?[\[(]?| ?[\[(] ?)(?P<epoch>\d+)(?:\s?(?:/|of)\s?(?P<epochs>\d+))?"
    r"[\])]?[-=*#:., ]*$"
)
_COUNT_HEADING = re.compile(
    r"(?i)^(?:[-=*#> ]{0,120}|.{0,160}\[)(?:learning |training |train )?"
    r"(?:step|iter|iteration|update|batch)(?: ?[=:#] ?| )(?P<step>\d+)"
    r"(?:\s?(?:/|of)\s?(?P<total>\d+))?(?:,\s?epoch=(?P<epoch>\d+))?[-=*#:., \]]*$"
)
_IS = re.compile(rf"(?i)^(?P<pairs>.*\bstep\W.*?)\bloss is:? (?P<loss>{NUMBER})")
_BRACKETS = re.compile(
    r"(?i)\bepochs?\s?[:#]?\s?[\[(]\s?(?P<epoch>\d+)(?:\s?/\s?(?P<epochs>\d+))?\s?[\])]"
    r"(?:.{0,12}?\b(?:step|iter|iteration|batch|it)s?\s?[:#]?\s?[\[(]\s?(?P<batch>\d+)"
    r"(?:\s?/\s?(?P<batches>\d+))?\s?[\])])?(?P<pairs>.*)"
)
_BEFORE = r"(?:(?:(?!loss|acc|reward)[^\n]){0,160}?[\]>|: -]\s{0,4})?[^\w\n]{0,40}"
_VALID = re.compile(
    rf"(?i)^(?!.*train)(?P<pairs>{_BEFORE}\b(?:val|valid|validation|validating|eval|evaluation"
    r"|evaluating|evaluate|dev)\b.*)"
)
_TEST = re.compile(rf"(?i)^(?!.*train)(?P<pairs>{_BEFORE}\b(?:test|testing)\b.*)")
_COUNTED = re.compile(
    r"^\[\s*(?P<epoch>\d+)(?:/(?P<epochs>\d+)\]\s?\[\s*(?P<batch>\d+)/(?P<batches>\d+)\]"
    r"|,\s*\d+\])(?P<pairs>.*)"
)
_GLUON = re.compile(r"\bEpoch\s?\[(?P<epoch>\d+)\]\s+(?P<pairs>[A-Z][a-z]+-[\w-]+=.*)")
_TUTORIAL = re.compile(r"^\[\s*(?P<epoch>\d+),\s*(?P<batch>\d+)\](?P<pairs>.*)")
_WORDS = re.compile(
    r"\bepoch\s+(?P<epoch>\d+)\s*\|\s*(?P<batch>\d+)/\s*(?P<batches>\d+) batches(?P<pairs>.*)"
)
_LEADING = re.compile(r"^(?P<step>\d+) \| (?P<pairs>loss .*)")
_QUICK = re.compile(r"^(?P<pairs>loss: \S+)\s+\[\s*(?P<batch>\d+)/(?P<batches>\d+)\]")
_AT = re.compile(
    r"(?i)^(?:.*\W)?loss (?:at|after|for|in) (?:(?:step|iter\w*) (?P<step>\d+)"
    rf"|epoch (?P<epoch>\d+))\s*[:=]\s*(?P<loss>{NUMBER})"
)
_BOTH = re.compile(rf"^LOSS train (?P<train>{NUMBER}) valid (?P<valid>{NUMBER})")
_PLAIN = re.compile(
    r"^(?!\s*(?:if|for|while|def|class|return|import|from|print|elif|else|with|self\.\S*|//"
    r"|#include|[-dl][-rwx]{8}|@@|commit [0-9a-f]{7,40})(?!\w)"
    r"|(?:\t| {4,})[\w.]+ [-+*/]?= \S+$|.*;\s*(?:[/\\*}]|$)|.*HTTP/[12]\.\d)(?P<pairs>.*)$"
)
"""Lines of source code, of a directory, of a server are none, whatever they are about."""

EVALUATIONS = (
    Form(_VALID, prefix="val/", keeps_place=True, accepts=is_told),
    Form(_TEST, prefix="test/", keeps_place=True, accepts=is_told),
)
"""What loops of well-known templates print besides: ``Validation accuracy: 0.91``."""
LINES = (
    Form(_HEADING, heading=True),
    Form(_GLUON, TIGHT, needs="="),
    Form(_COUNT_HEADING, heading=True),
    Form(_IS, needs="oss is"),
    Form(_VALID, prefix="val/", accepts=is_told),
    Form(_TEST, prefix="test/", accepts=is_told),
    Form(_BRACKETS, accepts=is_told),
    Form(_TUTORIAL, accepts=is_told),
    Form(_WORDS, accepts=is_told),
    Form(_LEADING),
    Form(_COUNTED, accepts=is_told),
    Form(_QUICK, TIGHT),
    Form(_AT),
    Form(_BOTH, names={"train": "train/loss", "valid": "val/loss"}),
    Form(_PLAIN, accepts=is_told),
)

TEMPLATE = Template(
    "generic", LINES, fewest=3, weight=0.45, longest=1 << 12, sure=_is_sure, again=True
)
