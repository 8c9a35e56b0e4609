"""Summarise and downsample training curves without losing a spike or a NaN.

>>> from runwise_sampling import Stats, downsample, trend
>>> steps, loss = range(1000), [2.0 / (1 + step / 100) for step in range(1000)]
>>> loss[700] = 9.0
>>> stats = Stats()
>>> stats.extend(steps, loss)
>>> stats.best("max"), trend(steps, loss)
((9.0, 700), 'down')
>>> 700 in downsample(steps, loss, 20)[0]
True

Pure Python and constant memory. A new way of downsampling is one new file in ``methods/``.
"""

from runwise_sampling.downsample import downsample, known_methods
from runwise_sampling.levels import levels
from runwise_sampling.stats import Stats
from runwise_sampling.trend import trend

__all__ = ["Stats", "downsample", "known_methods", "levels", "trend"]
