"""Watch a training run and say what is wrong with it, step by step.

>>> from runwise_detect import Monitor
>>> monitor = Monitor()
>>> for step in range(200):
...     loss = 9.0 if step == 150 else 2.0 + 0.01 * (step % 7)
...     for finding in monitor.update(step, {"train/loss": loss}):
...         print(finding.step, finding.kind, "-", finding.message)
150 loss_spike - 9 is 153 spreads above the recent median 2.03 (limit 7.33)

No dependencies and bounded memory: it is made to live inside training loops. A finished run
is judged by `analyze`, through the same code. Adding a detector is adding one file to
``detectors/``; what names mean is in ``runwise_detect.roles``, and the contract a detector
has to keep in ``runwise_detect.testing``.
"""

from runwise_detect.detector import Detector
from runwise_detect.diagnosis import Diagnosis
from runwise_detect.finding import Finding
from runwise_detect.monitor import Monitor
from runwise_detect.offline import analyze
from runwise_detect.registry import known_detectors

__all__ = ["Detector", "Diagnosis", "Finding", "Monitor", "analyze", "known_detectors"]
