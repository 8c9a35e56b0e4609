r"""Read what training runs leave on disk, without the tracker that wrote it.

>>> from pathlib import Path
>>> from runwise_parsers import find_runs, open_run
>>> log = Path(getfixture("tmp_path")) / "metrics.jsonl"
>>> _ = log.write_text('{"step": 0, "loss": 2.5}\n{"step": 1, "loss": 2.25}\n')
>>> [info.id for info in find_runs(log.parent)]
['metrics']
>>> open_run(log).series(["loss"])["loss"].values.tolist()
[2.5, 2.25]

Files may be running, finished, killed or damaged: everything readable is read, and what is not
is a ``Gap``. Nothing is written, locked or touched. Adding a tracker is adding one file to
``sources/``.
"""

from runwise_parsers.find import find_runs, open_run
from runwise_parsers.gap import Gap
from runwise_parsers.info import RunInfo
from runwise_parsers.run import Run
from runwise_parsers.series import Batch, Series
from runwise_parsers.source import Source

__all__ = ["Batch", "Gap", "Run", "RunInfo", "Series", "Source", "find_runs", "open_run"]
