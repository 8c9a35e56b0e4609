"""Summarise and downsample training curves without losing a spike or a NaN.

>>> from runwise_sampling import Sketch, downsample, trend
>>> steps, loss = range(100_000), [2.0 / (1 + step / 100) for step in range(100_000)]
>>> loss[70_000] = 9.0
>>> sketch = Sketch()
>>> sketch.extend(steps, loss)
>>> sketch.stats.best("max"), trend(steps, loss)
((9.0, 70000), 'down')
>>> 70_000 in downsample(steps, loss, 20)[0], 70_000 in sketch.points(20)[0]
(True, True)

Pure Python and constant memory. More in ``slope``, ``stability``, ``correlation`` and
``standard_error``. A new way of downsampling is one new file in ``methods/``.
"""

from runwise_sampling.downsample import downsample, known_methods
from runwise_sampling.jsonl import read_jsonl, sample_jsonl
from runwise_sampling.levels import levels
from runwise_sampling.sketch import Sketch
from runwise_sampling.stats import Stats
from runwise_sampling.trend import trend

__all__ = [
    "Sketch",
    "Stats",
    "downsample",
    "known_methods",
    "levels",
    "read_jsonl",
    "sample_jsonl",
    "trend",
]
