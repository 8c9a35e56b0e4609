"""What the names of metrics mean: roles, and which direction is better.

`runwise_detect.vocabulary` holds the words; this module speaks of whole runs.

Roles:
    train_loss, val_loss: the loss as a whole; `assign` gives each to one metric of a run.
    loss: another loss: a part of the total, or the same one logged a second way.
    moving_loss: a loss whose target moves (GAN, actor-critic): no level of it is good or bad.
    learning_rate, gradient_norm, layer_gradient_norm, throughput.
    score (higher is better: accuracy, F1, IoU), error (lower is better: RMSE, perplexity),
    reward (higher is better).
    step, epoch, clock (seconds), stage (of a curriculum).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from runwise_detect.vocabulary import (
    CLOCK,
    EPOCH,
    ERROR,
    GRADIENT_NORM,
    LAYER_GRADIENT_NORM,
    LEARNING_RATE,
    LOSS,
    MOVING_LOSS,
    REWARD,
    SCORE,
    STAGE,
    STEP,
    THROUGHPUT,
    TRAIN_LOSS,
    VAL,
    VAL_LOSS,
    find_role,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CLOCK",
    "EPOCH",
    "ERROR",
    "GRADIENTS",
    "GRADIENT_NORM",
    "LAYER_GRADIENT_NORM",
    "LEARNING_RATE",
    "LOSS",
    "LOSSES",
    "MOVING_LOSS",
    "REWARD",
    "SCORE",
    "STAGE",
    "STEP",
    "THROUGHPUT",
    "TRAIN_LOSS",
    "VAL_LOSS",
    "assign",
    "better",
    "explain",
    "is_validation",
    "judged_losses",
    "role_of",
]

LOSSES = frozenset({TRAIN_LOSS, VAL_LOSS, LOSS, MOVING_LOSS})
GRADIENTS = frozenset({GRADIENT_NORM, LAYER_GRADIENT_NORM})

_BETTER = {
    **dict.fromkeys((TRAIN_LOSS, VAL_LOSS, LOSS, ERROR), "min"),
    **dict.fromkeys((SCORE, REWARD, THROUGHPUT), "max"),
}

_USUAL = frozenset({"ce", "cross", "crossentropy", "xent", "lm", "nll"})  # the objective itself
_PLAIN_TRAIN = ("train/loss", "loss", "loss/train", "train_loss_step", "train/loss_step")


def better(name: str, role: str | None = None) -> str | None:
    """Return ``"min"`` or ``"max"``, whichever is the better end of a metric, or None.

    Args:
        name: the metric.
        role: the one it was given, where the name alone would mislead.

    >>> better("val/accuracy"), better("eval_loss"), better("losses/policy_loss")
    ('max', 'min', None)
    """
    return _BETTER.get(role or role_of(name) or "")


def is_validation(name: str) -> bool:
    """Whether the name says that held-out data were used.

    >>> is_validation("eval_samples_per_second"), is_validation("train/loss")
    (True, False)
    """
    return not VAL.isdisjoint(words_of(name))


@lru_cache(maxsize=4096)
def role_of(name: str) -> str | None:
    """Return the role of one name on its own, or None where it has none.

    >>> [role_of(name) for name in ("Train Loss", "x/lr0", "gnorm", "time/fps", "memory")]
    ['train_loss', 'learning_rate', 'gradient_norm', 'throughput', None]
    """
    return find_role(name)


def assign(names: Iterable[str]) -> dict[str, str]:
    """Return the roles of the metrics of one run, those without one left out.

    Of several losses one is the total: ``train_loss``, and of several validation losses one
    is ``val_loss``; the others become ``loss``. Without a total, a single part is promoted.
    Trainers that log ``loss`` at every step write ``train_loss`` once at the end, as a mean
    over the run, so the plainer name wins.

    >>> assign(["train/loss", "train/train_loss", "eval_loss", "lr"])
    {'train/loss': 'train_loss', 'train/train_loss': 'loss', 'eval_loss': 'val_loss', \
'lr': 'learning_rate'}
    """
    roles = {name: role for name in names if (role := role_of(name)) is not None}
    for total, held_out in ((TRAIN_LOSS, False), (VAL_LOSS, True)):
        rivals = [name for name, role in roles.items() if role == total]
        if not rivals:
            rivals = _only_part(roles, held_out=held_out)
        best = min(rivals, key=_plainness, default=None)
        roles.update({name: total if name == best else LOSS for name in rivals})
    return roles


def explain(name: str, among: Iterable[str] = (), given: Mapping[str, str] | None = None) -> str:
    """Return why a metric has its role, in one sentence.

    Args:
        name: the metric.
        among: all metrics of the run, for one of several losses is the total.
        given: roles by name that somebody set.

    >>> explain("train/train_loss", ["train/loss", "train/train_loss"])
    "'train/train_loss' is a loss: its words train, loss say train_loss, but 'train/loss' is \
the plainer name for the total"
    >>> explain("memory")
    "'memory' has no role: none of its words memory is known"
    """
    words = ", ".join(dict.fromkeys(words_of(name)))
    if given and name in given:
        return f"{name!r} is a {given[name]}: it was given that role"
    own, roles = role_of(name), assign([*among, name])
    role = roles.get(name)
    if own is None and role is None:
        return f"{name!r} has no role: none of its words {words} is known"
    because = f"its words {words} say {own}"
    if role == own:
        return f"{name!r} is a {role}: {because}"
    if role == LOSS:
        total = next(other for other, its in roles.items() if its == own)
        return f"{name!r} is a {role}: {because}, but {total!r} is the plainer name for the total"
    return f"{name!r} is the {role}: {because}, and no other loss is the total"


def judged_losses(roles: Mapping[str, str]) -> list[str]:
    """Return the losses of a run whose shape is worth judging.

    The total and the validation loss; the parts only where there is no total, because the
    total tells the same story with less noise.

    >>> judged_losses(assign(["train/box_loss", "train/cls_loss", "lr"]))
    ['train/box_loss', 'train/cls_loss']
    """
    wanted = {TRAIN_LOSS, VAL_LOSS} if TRAIN_LOSS in roles.values() else LOSSES
    return [name for name, role in roles.items() if role in wanted]


def _only_part(roles: Mapping[str, str], *, held_out: bool) -> list[str]:
    """Return the one part that stands for the missing total, if there is just one."""
    parts = [n for n, role in roles.items() if role == LOSS and is_validation(n) == held_out]
    usual = [name for name in parts if not _USUAL.isdisjoint(words_of(name))]
    return parts if len(parts) == 1 else usual if len(usual) == 1 else []


def _plainness(name: str) -> int:
    """Return a rank, lower for the name under which trainers log the curve itself."""
    if name.lower() in _PLAIN_TRAIN:
        return _PLAIN_TRAIN.index(name.lower())
    words = words_of(name)
    if len(set(words)) < len(words) or not {"epoch", "final", "summary"}.isdisjoint(words):
        return 30  # an aggregate: one point per epoch, or one in all
    return 20 if "test" in words else 10
