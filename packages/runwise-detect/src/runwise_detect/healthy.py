"""Healthy runs of many families, for the contract suite: what no detector may call sick."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Records = list[tuple[float, Mapping[str, float]]]

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


def signed(seed: int) -> Records:
    """The loss of a policy gradient: around zero, with long tails on both sides."""
    rng = _rng(seed)
    return _run(lambda _: rng.gauss(0, 1) * (0.5 + rng.random()), rng)


def dropping_rate(seed: int) -> Records:
    """A loss that falls at once when the learning rate drops to a tenth."""
    rng = _rng(seed)
    level = {0: 1.6, 1: 0.9, 2: 0.7}
    return _run(lambda step: level[step // 500] + rng.gauss(0, 0.1), rng)


def warmed_up(seed: int) -> Records:
    """A loss that rises a little while the learning rate is warmed up, then falls."""
    rng = _rng(seed)

    def loss(step: int) -> float:
        rise = 0.2 * min(step, 50) / 50
        return 2.3 + rise - 1.5 * (1 - math.exp(-max(0, step - 50) / 300)) + rng.gauss(0, 0.05)

    return _run(loss, rng)


def stuck(seed: int) -> Records:
    """A loss that never moves: dull, and not a spike."""
    return _run(lambda _: math.log(10), _rng(seed))


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


def harder_data(seed: int) -> Records:
    """Both losses rise slowly because the data grow harder; the model does not overfit."""
    rng = _rng(seed)

    def loss(step: int) -> float:
        return 0.6 + 1 / (1 + step / 50) + 0.5 * step / _LENGTH + rng.gauss(0, 0.03)

    return _run(loss, rng, lambda step: 0.1 + loss(step))


def _rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # simulated noise, no secret


def _run(
    loss: Callable[[int], float],
    rng: random.Random,
    held_out: Callable[[int], float] | None = None,
    every: int = 50,
) -> Records:
    """Return records with what usually stands beside a loss."""
    records: Records = []
    for step in range(_LENGTH):
        values: dict[str, float] = {"train/loss": loss(step), "epoch": step / 100}
        values["lr"] = 0.1 * 0.1 ** (step // 500)
        values["grad_norm"] = 1.0 + 0.2 * rng.random()
        if step % 50 == 49:
            values["val/accuracy"] = 0.8 - 0.5 / (1 + step / 200)
        if held_out is not None and step % every == every - 1:
            values["val/loss"] = held_out(step)
        records.append((step, values))
    return records


_FAMILIES = (
    falling,
    heavy_tailed,
    multiplicative,
    signed,
    dropping_rate,
    warmed_up,
    stuck,
    saturated,
    evaluated_each_step,
    harder_data,
)
HEALTHY: dict[str, Callable[[int], Records]] = {make.__name__: make for make in _FAMILIES}
