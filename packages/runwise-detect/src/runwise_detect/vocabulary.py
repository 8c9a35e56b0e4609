"""The vocabulary: words that occur in names of metrics, and the role they stand for.

Nobody agrees on names. The words come from 3,983 distinct names in 1,170 runs of 154 public
repositories. A name is cut into lower-case words at ``/ _ - .`` and spaces, and where small
letters turn into capitals, so ``TrainLoss``, ``train/loss`` and ``Train loss`` are one.

To teach it a name, add the word to the table it belongs to and a row to the tests.
"""

from __future__ import annotations

import re
from functools import lru_cache

TRAIN_LOSS, VAL_LOSS, LOSS, MOVING_LOSS = "train_loss", "val_loss", "loss", "moving_loss"
LEARNING_RATE, THROUGHPUT, STAGE, CLOCK = "learning_rate", "throughput", "stage", "clock"
GRADIENT_NORM, LAYER_GRADIENT_NORM = "gradient_norm", "layer_gradient_norm"
SCORE, ERROR, REWARD, STEP, EPOCH = "score", "error", "reward", "step", "epoch"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


TRAIN = _set("train training trn trainer")
VAL = _set("val valid validation eval evaluation test testing dev holdout heldout")
# Words that say how a number was put together or where it was filed, not what it is.
_HOW = _set(
    "step epoch iter iteration batch total overall avg average mean running smoothed smooth "
    "global final metrics metric summary charts log logs per vs iterations all raw"
)
_LOSS = _set("loss losses crossentropy xent")
_MOVING = _set(
    "disc discriminator gen generator adv adversarial adversary critic actor policy pi pg value "
    "vf td surrogate entropy alpha temperature qf qf1 qf2 gan"
)
_LETTERS = _set("d g q v")
# A quantity about a loss, and what trackers file under "losses/" without being one.
_ABOUT_LOSS = _set(
    "scale scaler weight weights coef coefficient clip clipfrac clipped fraction factor std var "
    "variance num count landscape"
)
_FILED_LOSS = _ABOUT_LOSS | _set("kl approx approximate ratio explained entropy time divergence")
_SCORE = _set(
    "acc accuracy accuracies acc1 acc5 top1 top5 f1 precision recall auc auroc auprc ap map map50 "
    "map75 map95 iou miou mean_iou dice bleu rouge rouge1 rouge2 rougel r2 psnr ssim kappa mcc "
    "ndcg mrr success em cider meteor spearman pearson score sensitivity specificity pck pq hbbmap"
)
_ERROR = _set(
    "mse rmse mae mape smape error err wer cer ter perplexity ppl bpb bpc nll fid eer lpips epe "
    "logloss brier ece"
)
_REWARD = _set("reward rewards rew return returns episodic_return")
_NOT_REWARD = _set("std var len length rejected min max adversary history count num per")
_CLOCK = _set("runtime timestamp elapsed walltime")

_GLUED = {
    "trainloss": "train loss",
    "valloss": "val loss",
    "testloss": "test loss",
    "trainacc": "train acc",
    "valacc": "val acc",
    "gradnorm": "grad norm",
    "gnorm": "grad norm",
    "learningrate": "learning rate",
    "globalstep": "global step",
}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^a-z0-9]+")
_LR = re.compile(r"lr\d*")
_GRADIENT = _set("grad grads gradient gradients")
_NORM = _set("norm norms")
_NORM_HOW = TRAIN | _HOW | _LOSS | _set("l2 2 square before after pre post clip clipping")
_AXIS_HOW = TRAIN | _set("current cur global total num time")
_STEP = _set("step steps iter iters iteration iterations timestep timesteps updates episodes")
_PLANNED, _DURATION = _set("total steps"), _set("time step")  # no axes, though so named
_STAGE = _set("stage phase")
_SPEED = _set("fps throughput wps ups tps")
_PER_SECOND = re.compile(r"(per|/)[ _-]?(s|sec|second)\b")


def find_role(name: str) -> str | None:
    """Return the role that the words of a name stand for, or None."""
    has = frozenset(words_of(name))
    if {"vs", "samples"} <= has:
        return None  # Megatron writes every curve again on another axis
    for role in (
        _axis_role(has),
        _rate_role(name, has),
        _gradient_role(has),
        _loss_role(name, has),
        _quality_role(has),
    ):
        if role is not None:
            return role or None
    return None


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, in order and in lower case.

    >>> words_of("TrainLoss"), words_of("metrics/mAP50-95(B)")
    (('train', 'loss'), ('metrics', 'map50', '95', 'b'))
    """
    words: list[str] = []
    for word in _SPLIT.split(_CAMEL.sub(" ", name).lower()):
        words += _GLUED.get(word, word).split()
    return tuple(words)


# The finders look at the words of a name. They return its role, "" for a name they know to
# have none, and None for one that is not theirs.


def _axis_role(has: frozenset[str]) -> str | None:
    if has & _CLOCK or ("time" in has and has <= {"time", "wall", "relative"} and len(has) > 1):
        return CLOCK if has.isdisjoint(TRAIN | VAL) else ""
    if has & _STAGE and has <= _STAGE | _AXIS_HOW | {"curriculum", "id", "index"}:
        return STAGE
    rest = has - _AXIS_HOW
    if rest and rest <= {"epoch", "epochs"}:
        return EPOCH
    if rest and rest <= _STEP:
        return "" if has in (_PLANNED, _DURATION) else STEP
    return None


def _rate_role(name: str, has: frozenset[str]) -> str | None:
    if {"learning", "rate"} <= has or any(_LR.fullmatch(word) for word in has):
        return LEARNING_RATE
    if has & _SPEED or _PER_SECOND.search(name.lower().replace("_", " ")):
        return "" if has & VAL or "predict" in has else THROUGHPUT
    return None


def _gradient_role(has: frozenset[str]) -> str | None:
    if not (has & _GRADIENT and has & _NORM):
        return None
    return GRADIENT_NORM if has <= _GRADIENT | _NORM | _NORM_HOW else LAYER_GRADIENT_NORM


def _loss_role(name: str, has: frozenset[str]) -> str | None:
    if not has & _LOSS and not {"cross", "entropy"} <= has:
        return None
    leaf = words_of(name.rsplit("/", 1)[-1])
    if has & (_FILED_LOSS if _LOSS.isdisjoint(leaf) else _ABOUT_LOSS):
        return ""
    what = {word for word in has - _LOSS - TRAIN - VAL - _HOW if not word.isdigit()}
    if not what:
        return VAL_LOSS if has & VAL else TRAIN_LOSS
    if "cross" in what or (what & _LETTERS and len(what) > 1):
        return LOSS  # "v" is a value function on its own, and a velocity in "loss_data_v"
    return MOVING_LOSS if what & (_MOVING | _LETTERS) else LOSS


def _quality_role(has: frozenset[str]) -> str | None:
    if has & _SCORE:
        return "" if "std" in has else SCORE
    if has & _ERROR:
        return "" if "std" in has else ERROR
    if has & _REWARD:
        return "" if has & _NOT_REWARD else REWARD
    return None
