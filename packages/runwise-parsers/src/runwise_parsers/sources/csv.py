"""Tables: one row for each time something was logged, one column for each metric.

    epoch,train_loss,val_loss,lr
    0,2.31,2.4,0.001
    1,1.87,2.1,0.001

What Lightning (``metrics.csv``), Keras (``training.log``), ultralytics (``results.csv``), Stable
Baselines (``progress.csv``) and hand-made loops leave, and what dashboards export. Real ones have
blank cells (a metric was not logged in that row), names and values padded with blanks, both kinds
of line ends, a header that is written again by a second run or with new columns, rows with too
few or too many cells, and a last line that its writer has not finished.

Most tables of a project are none of this: see ``csv_log/judge``. What reads them is imported
where there is one, for it takes 10 ms, and most projects hold none.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.gap import unreadable
from runwise_parsers.info import RunInfo
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.run import Run

_NUMBERED = re.compile(r"version_\d+")


class Csv(Source):
    """Tables with one row a step."""

    name = "csv"
    order = 80
    looks_for = r"(?i:.*\.(?:csv|tsv)|results\.txt|progress\.txt|training\.log)"
    reads = "*.csv of Lightning, Keras, ultralytics, SB3, own loops"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take the tables that are logs; one that a tracker made is its directory's run."""
        from runwise_parsers.csv_log.claims import logs_in, whole_of  # noqa: PLC0415  see above

        logs = logs_in(folder)
        main = whole_of(logs, folder.files)
        stems = Counter(Path(name).stem for name in logs)
        for name in logs:
            path = folder.take(name)
            if name == main:
                home = folder.path if folder.path.name else folder.path.absolute()
                yield Claim(self.name, home.name, home.parent, (path,), whole=True)
            else:
                key = path.stem if stems[path.stem] == 1 else name
                yield Claim(self.name, key, folder.path, (path,))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the first and last rows say; the format has no word for an end."""
        from runwise_parsers.csv_log.describe import described  # noqa: PLC0415  see above

        path = claim.paths[-1]
        name = claim.key if claim.whole and not _NUMBERED.fullmatch(claim.key) else ""
        try:
            return described(path, name)
        except OSError as error:
            gap = unreadable(path.name, error)
            return RunInfo(self.name, "", name, segments=(path,), gaps=(gap,))

    def open(self, info: RunInfo) -> Run:
        """Return the run in a table."""
        from runwise_parsers.csv_log.run import CsvRun  # noqa: PLC0415  see above

        return CsvRun(info)
