"""Runs and helpers that several tests use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from runwise_detect import Finding, Monitor

Watch = Callable[..., list[Finding]]


@pytest.fixture
def watch() -> Watch:
    """Feed one metric to a monitor, a value a step, and return what it found in the end."""

    def _watch(values: Sequence[object], name: str = "train/loss") -> list[Finding]:
        monitor = Monitor()
        for step, value in enumerate(values):
            monitor.update(step, {name: value})
        return monitor.findings

    return _watch


@pytest.fixture
def level() -> Callable[[int], list[float]]:
    """Return so many losses that wobble around 2."""
    return lambda length: [2.0 + 0.01 * (step * 5 % 7) for step in range(length)]
