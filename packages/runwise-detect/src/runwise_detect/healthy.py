"""Healthy runs of many families, for the contract suite: what no detector may call sick."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Records = list[tuple[float, Mapping[str, float]]]
    Curve = Callable[[int], float]

_LENGTH = 1500


def falling(seed: int) -> Records:
    """A loss that falls as a power of the step, with Gaussian noise."""
    rng = _rng(seed)
    return _run(lambda step: 2.5 / (1 + step / 100) ** 0.4 + rng.gauss(0, 0.03), rng)


def heavy_tailed(seed: int) -> Records:
    """A loss of batches of four whose samples have exponential losses: skewed, long-tailed."""
    rng = _rng(seed)
    return _run(lambda step: 1 / (1 + step / 300) + rng.gammavariate(4, 0.1), rng)


def multiplicative(seed: int) -> Records:
    """A loss whose noise is a share of its level, over many orders of magnitude."""
    rng = _rng(seed)
    return _run(lambda step: math.exp(-step / 100 + rng.gauss(0, 0.3)), rng)


def interpolating(seed: int) -> Records:
    """A model that fits its data perfectly: loss and gradient fall together, to 1e-12."""
    rng = _rng(seed)

    def scale(step: int) -> float:
        return 10 ** -min(12.0, step / 60) * math.exp(rng.gauss(0, 0.8))

    return _run(scale, rng, norm=scale)


def policy_gradient(seed: int) -> Records:
    """The loss of a policy gradient: around zero, with long tails on both sides."""
    rng = _rng(seed)
    return _run(lambda _: rng.gauss(0, 1) * (0.5 + rng.random()), rng)


def adversarial(seed: int) -> Records:
    """A generator that chases its discriminator: the loss wanders up and down slowly."""
    rng = _rng(seed)
    records = _run(lambda step: 0.9 + 0.25 * math.sin(step / 110) + rng.gauss(0, 0.03), rng)
    return [(step, {**values, "d_loss": 1.4 - values["train/loss"]}) for step, values in records]


def dropping_rate(seed: int) -> Records:
    """A loss that falls at once when the learning rate drops to a tenth."""
    rng = _rng(seed)

    def loss(step: int) -> float:
        return (2.2, 1.3, 1.0)[step // 500] - 0.3 * (step % 500) / 500 + rng.gauss(0, 0.05)

    return _run(loss, rng, rate=lambda step: 0.1 * 0.1 ** (step // 500))


def warmed_up(seed: int) -> Records:
    """A loss that rises a little while the learning rate is warmed up, then falls."""
    rng = _rng(seed)

    def loss(step: int) -> float:
        rise = 0.2 * min(step, 50) / 50
        return 2.3 + rise - 1.5 * (1 - math.exp(-max(0, step - 50) / 300)) + rng.gauss(0, 0.05)

    return _run(loss, rng, rate=lambda step: 0.003 * min(1.0, (step + 1) / 50))


def cyclical(seed: int) -> Records:
    """A learning rate that restarts every 300 steps, and a loss that rises with it."""
    rng = _rng(seed)

    def rate(step: int) -> float:
        return 0.01 + 0.99 * (1 + math.cos(math.pi * (step % 300) / 300)) / 2

    def loss(step: int) -> float:
        return 1.2 / (1 + step / 400) + 0.4 * rate(step) + rng.gauss(0, 0.04)

    return _run(loss, rng, rate=rate)


def curriculum(seed: int) -> Records:
    """A loss that jumps where a new stage begins, which is logged."""
    rng = _rng(seed)

    def loss(step: int) -> float:
        return 0.1 + (0.6 + step // 500) / (1 + step % 500 / 80) + rng.gauss(0, 0.02)

    records = _run(loss, rng)
    return [(step, {**v, "curriculum/stage": step // 500}) for step, v in records]


def resumed(seed: int) -> Records:
    """A run that goes back to a checkpoint and replays 150 steps."""
    records = falling(seed)
    return [*records[:800], *falling(seed + 1000)[650:]]


def sparsely_evaluated(seed: int) -> Records:
    """Three evaluations in all, the last one a little worse."""
    rng = _rng(seed)
    loss = _power(0.5, 1.5, 60)
    held_out = {0: 1.3, 1: 1.1, 2: 1.14}
    every = _LENGTH // 3
    return _run(
        lambda step: loss(step) + rng.gauss(0, 0.03), rng, lambda s: held_out[s // every], every
    )


def fine_tuned(seed: int) -> Records:
    """A hundred steps that change little, at a small learning rate."""
    rng = _rng(seed)
    records = _run(lambda step: 0.6 - 0.0004 * step + rng.gauss(0, 0.06), rng, rate=lambda _: 2e-5)
    return records[:100]


def short(seed: int) -> Records:
    """A run of thirty steps."""
    return warmed_up(seed)[:30]


def grokking(seed: int) -> Records:
    """A training loss that falls early, and a validation loss that rises first and falls late."""
    rng = _rng(seed)
    return _run(
        lambda step: (0.02 + 1.5 * math.exp(-step / 150)) * math.exp(rng.gauss(0, 0.2)),
        rng,
        lambda step: 2.0 / (1 + math.exp((step - 700) / 100)) + 0.1 + rng.gauss(0, 0.02),
    )


def saturated(seed: int) -> Records:
    """A training loss that falls to nothing, and a validation loss that settles above it.

    Each evaluation is on another sample of the held-out data.
    """
    rng = _rng(seed)
    return _run(
        lambda step: 2 / (1 + step / 50) * math.exp(rng.gauss(0, 0.2)),
        rng,
        lambda step: (0.8 + 1 / (1 + step / 50)) * math.exp(rng.gauss(0, 0.03)),
        every=25,
    )


def evaluated_each_step(seed: int) -> Records:
    """A validation loss of one minibatch at every step, as noisy as the training loss."""
    rng = _rng(seed)
    return _run(
        lambda step: 0.2 + 1 / (1 + step / 100) + rng.gammavariate(9, 0.02),
        rng,
        lambda step: 0.5 + 0.7 / (1 + step / 100) + rng.gammavariate(9, 0.02),
        every=1,
    )


def _power(floor: float, height: float, scale: float) -> Curve:
    return lambda step: floor + height / (1 + step / scale) ** 0.5


def _rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # simulated noise, no secret


def _run(
    loss: Curve,
    rng: random.Random,
    held_out: Curve | None = None,
    every: int = 50,
    *,
    rate: Curve = lambda _: 0.001,
    norm: Curve | None = None,
) -> Records:
    """Return records with what usually stands beside a loss."""
    records: Records = []
    clock = 0.0
    for step in range(_LENGTH):
        clock += 0.3 * math.exp(rng.gauss(0, 0.1)) * (20 if step == 0 else 1)
        values: dict[str, float] = {"train/loss": loss(step), "epoch": step / 100}
        values["lr"] = rate(step)
        values["grad_norm"] = norm(step) if norm else math.exp(rng.gauss(0, 0.3))
        values["grad_norm/layer0"] = 0.2 * values["grad_norm"]
        values["grad_norm/layer5"] = 0.7 * values["grad_norm"]
        values["samples_per_sec"] = 900 * math.exp(rng.gauss(0, 0.06))
        if step % 50 == 49:
            values["val/accuracy"] = 0.8 - 0.5 / (1 + step / 200)
            clock += 15.0  # an evaluation takes a while
        values["_runtime"] = clock
        if held_out is not None and step % every == every - 1:
            values["val/loss"] = held_out(step)
        records.append((step, values))
    return records


_FAMILIES = (
    falling,
    heavy_tailed,
    multiplicative,
    interpolating,
    policy_gradient,
    adversarial,
    dropping_rate,
    warmed_up,
    cyclical,
    curriculum,
    resumed,
    sparsely_evaluated,
    fine_tuned,
    short,
    grokking,
    saturated,
    evaluated_each_step,
)
HEALTHY: dict[str, Callable[[int], Records]] = {make.__name__: make for make in _FAMILIES}
