r"""Names and the numbers beside them, in the ways loops print both.

    loss: 0.5    loss=0.5    'loss': '0.5'    "loss": 0.5    loss 0.5    Val Loss: 0.5
    loss = tensor(0.53, device='cuda:0')      | lm loss: 1.0E+01 |

``LOOSE`` takes them all. A name before a colon may be up to four words, one before a blank only
words that are said of a metric (``avg train loss 0.5``).
"""

from __future__ import annotations

import re

from runwise_parsers.axes import STEP_KEYS
from runwise_parsers.console_log.number import END, NUMBER

WORD = r"[A-Za-z_]\w*(?:[./@%+^-]\w+|\([\w%. /-]*\)|\[[\w.-]+\])*"
_SAID = (
    r"(?:train|training|trn|val|valid|validation|test|eval|evaluation|dev|avg|average|mean|best"
    r"|total|running|smoothed|batch|epoch|global|episode|top|final|median|min|max|std)"
)
_INSIDE = r"""["'(\[]?(?:(?:torch\.)?tensor\(|array\(|np\.float\d+\()?\[?"""
_VALUE = rf"{_INSIDE}(?P<v>{NUMBER}){END}"
_PHRASE = rf"{WORD}(?: {WORD}){{0,3}}"
LOOSE = re.compile(
    rf"""(?<![\w./-])["']?(?:(?P<k>{_PHRASE})["']?\s{{0,12}}(?:=>|->|[:=])\s{{0,12}}{_VALUE}"""
    rf"""|(?P<k2>(?i:(?:{_SAID}[ _])*){WORD})\s{{1,8}}(?P<v2>{NUMBER}){END})""",
    re.ASCII,
)
TIGHT = re.compile(
    rf"""(?<![\w./-])["']?(?P<k>{_PHRASE})["']?\s{{0,12}}(?:=>|->|[:=])\s{{0,12}}{_VALUE}""",
    re.ASCII,
)
BLANK = re.compile(
    rf"(?<![\w./-])(?P<k>(?i:(?:{_SAID} )*){WORD})\s{{1,12}}(?P<v>{NUMBER}){END}", re.ASCII
)
PIPED = re.compile(
    rf"(?P<k>[^\s|:][^|:]*?)\s*:\s*(?P<v>{NUMBER})(?=[^|\w]|(?:ms|s|%|[A-Z]i?B)\b|\||$)", re.ASCII
)
"""Between bars a name may be any words: ``elapsed time per iteration (ms): 12.0 |``."""
QUOTED = re.compile(
    rf"""["'](?P<k>[^"']+)["']\s*:\s*["']?(?:tensor\(|np\.float\d+\()?(?P<v>{NUMBER})(?=["'\s,)}}\]]|$)""",
    re.ASCII,
)

_STEPS = frozenset({
    *STEP_KEYS, "it", "its", "iters", "global step", "train step", "training step", "train_step",
    "training_step", "optimizer_step", "itr", "num_update", "train_num_updates",
    "valid_num_updates", "niter", "nupdates", "update_step", "curr_step", "cur_step", "frames",
    "total_steps_done", "total timesteps", "timesteps_total", "num_timesteps",
    "num_env_steps_sampled", "totalenvinteracts", "iteration_number",
    "total t", "total numsteps", "env_step", "env_steps", "environment steps", "total_env_steps",
}) - {"epoch", "batch", "date"}  # fmt: skip
_EPOCHS = frozenset(
    {"epoch", "ep", "epochs", "epoch_num", "current_epoch", "cur_epoch", "episode"}
)
_BATCHES = frozenset({"batch", "batch_idx", "minibatch", "mini-batch"})


def role_of(name: str) -> str:
    """Return what a name's number says about the place of a row, nothing for a metric.

    >>> role_of("Step"), role_of("Finish training epoch"), role_of("loss")
    ('step', 'epoch', '')
    """
    called = name.lower().strip("_")
    if " per " in called or called.startswith(("best", "early", "last best")):
        return ""
    for names, role in ((_STEPS, "step"), (_EPOCHS, "epoch"), (_BATCHES, "batch")):
        if called in names or called.rpartition(" ")[2] in names:
            return role
    return ""
