"""Whether a table is the log of a training, told from its name and its first rows.

A log has a column that orders its rows and mostly rises, and numbers beside it. Many tables have
no such column, or one that only looks like it:

    run_id,model,lr,epochs,val_acc          a sweep: one row for each run, settings vary
    id,text,label,score                     a data set, or predictions: rows are named
    Date,Model,Params,R2 Score              results of experiments
    step,prompt,response,reward             samples: texts differ in every row

A wrong claim shows somebody's data as a run, so what is not sure is left alone.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.axis import EPOCHS, falls, finite, plain, rank_of
from runwise_parsers.csv_log.layout import Layout, layout_of

if TYPE_CHECKING:
    from runwise_parsers.csv_log.block import Block
    from runwise_parsers.csv_log.head import Head

LOG_NAMES = frozenset({
    "history", "log", "logs", "loss", "losses", "metrics", "progress", "scalars", "stats",
    "train", "train_history", "train_log", "train_logs", "train_loss", "train_metrics",
    "training", "training_history", "training_log", "training_logs", "training_loss",
    "training_metrics", "train_results", "training_results", "results",
})  # fmt: skip
"""What people and trackers call the table of a training, compared by ``plain``."""
_LOG_WORDS = (
    "curve", "curves", "hist", "history", "log", "logs", "losses", "metrics", "progress",
    "training",
)  # fmt: skip
"""First or last words of such names."""
_RESULTS = frozenset(
    {"results", "train_results", "training_results", "stats", "train", "training"}
)
"""Those that are called like results as often: such a table needs a column that orders it."""
_METRIC = re.compile(
    r"loss|acc(?:uracy)?(?![a-z])|reward|return|perplexity|precision|recall|entropy|norm(?![a-z])"
    r"|(?:^|[^a-z])(?:lr|learning_rate|ppl|kl|f1|auc|m?ap\d*|iou|miou|dice|psnr|ssim|bleu|wer|cer"
    r"|mse|mae|rmse|scores?|epsilon|val|train|eval|ep_len_mean|ep_rew_mean|fps|sps|bpb|bits)(?:[^a-z]|$)"
)
_LOSS = re.compile(
    r"loss|reward|return|perplexity|(?:^|[^a-z])(?:lr|learning_rate|ppl|bpb)(?:[^a-z]|$)"
)
_SETTING = re.compile(
    r"(?:batch_size|bs|hidden(?:_(?:size|dim|units|layers))?|dropout|seed|optimizer|optim"
    r"|(?:n|num)_(?:layers|heads|epochs|estimators|hidden|samples|params)|max_depth|depth|width"
    r"|kernel(?:_size)?|activation|(?:params?|config|hparams?)(?:_\w+)?|arch\w*|method|algorithm"
    r"|(?:trial|run|experiment|exp|model)(?:_(?:id|name|number|type))?|dataset|task|fold)"
)
_IDENTITY = re.compile(
    r"(?:\w+_)?(?:id|ids|uid|uuid|filename|file|path|url)|idx|index|image|img|label|class|target"
    r"|y|y_true|y_pred|pred|prediction|predicted|text|prompt|response|answer|question|sentence"
)
_MEANT = re.compile(
    r"(?:is_)?(?:best|checkpoint|ckpt|model_path|saved|note|eta|elapsed|time|date)\w*|duration"
)
_AMOUNTS = frozenset({"epochs", "steps", "iterations", "episodes"})
"""Names of a counter that may be a setting as well: how many there were to be."""
_MANY = 50
_FEW = 3


def is_training(head: Head, stem: str) -> bool:
    """Say whether a table with this head, in a file of this name, is the log of a training."""
    layout = layout_of(head)
    named = is_log_name(stem)
    if head.form.yolo:
        return True
    if not head.titled:
        return False
    if not head.block.count:
        return named and layout.step is not None and _like_metrics(layout)
    if not _has_numbers(layout, head.block) or _is_of_results(layout, head.block):
        return False
    if layout.step is None:
        return named and _rows_of_losses(layout, head.block, stem)
    return _is_ordered(layout, head.block, sure=named or _like_metrics(layout))


def is_log_name(stem: str) -> bool:
    """Say whether a file is called like the table of a training.

    >>> [is_log_name(stem) for stem in ("metrics", "Training-Log", "fold_2_history", "iris")]
    [True, True, True, False]
    """
    called = plain(stem)
    return called in LOG_NAMES or any(
        called.endswith(f"_{name}") or called.startswith(f"{name}_") for name in _LOG_WORDS
    )


def _like_metrics(layout: Layout) -> bool:
    names = [*(name for name, _ in layout.metrics), *(() if layout.key is None else ("loss",))]
    return any(_METRIC.search(plain(name)) for name in names)


def _has_numbers(layout: Layout, block: Block) -> bool:
    return any(finite(block.column(place)) for _, place in layout.metrics) or (
        layout.value is not None and bool(finite(block.column(layout.value)))
    )


def _is_of_results(layout: Layout, block: Block) -> bool:
    """Say whether each row is of something else: another run, another image, another text.

    Beside steps and losses, a number that names something names a batch or a worker.
    """
    known = (layout.step, layout.clock, layout.stage, layout.key)
    sure = layout.step is not None and _like_metrics(layout)
    for place, name in enumerate(layout.names):
        called = plain(name)
        if place in known or rank_of(name) is not None or _MEANT.fullmatch(called):
            continue
        setting = _SETTING.fullmatch(called) and not _METRIC.search(called)
        if called == "seed" and _climbs(layout, block):  # of an episode
            continue
        named = setting or (_IDENTITY.fullmatch(called) and not sure)
        if (named or place in layout.texts) and _varies(block.column(place)):
            return True
    return False


def _climbs(layout: Layout, block: Block) -> bool:
    """Say whether each row is at a later step than the one before it."""
    steps = finite(block.column(layout.step)) if layout.step is not None else []
    return len(steps) > 1 and all(before < later for before, later in pairwise(steps))


def _varies(cells: list[str]) -> bool:
    """Say whether a column changes in most rows."""
    changes = sum(before != later for before, later in pairwise(cells))
    return len(cells) > 1 and changes * 2 > len(cells) - 1


def _rows_of_losses(layout: Layout, block: Block, stem: str) -> bool:
    """Say whether rows that no column orders are those of a training all the same."""
    if plain(stem) in _RESULTS or layout.texts or block.count < 2:
        return False
    if any(_SETTING.fullmatch(plain(name)) for name in layout.names):
        return False
    if any(rank_of(name) is not None for name, _ in layout.metrics):
        return False
    return any(_LOSS.search(plain(name)) for name, _ in layout.metrics)


def _is_ordered(layout: Layout, block: Block, *, sure: bool) -> bool:
    """Say whether the column of steps does order the rows; ``sure`` if all else fits a log."""
    steps = finite(block.column(layout.step)) if layout.step is not None else []
    name = plain(layout.names[layout.step or 0])
    most = 0 if name in _AMOUNTS else len(steps)
    if falls(steps) * 4 > most and not _counts_anew(steps):
        return False
    if sure:
        return True
    still = len(set(steps)) == 1 and len(steps) > _MANY
    common = name in EPOCHS or (rank_of(name) or 0) < _FEW or name.startswith("iter")
    return common and len(steps) > 1 and not still and not layout.texts


def _counts_anew(steps: list[float]) -> bool:
    """Say whether steps are short runs below one another: 0 1 2 0 1 2, a fold each."""
    moves = [later - before for before, later in pairwise(steps)]
    starts = {later for before, later in pairwise(steps) if later < before}
    return starts == set(steps[:1]) and falls(steps) * 2 < len(steps) and max(moves) == 1
