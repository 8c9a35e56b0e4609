"""Detectron2's output directory.

    output/
      metrics.json               JSON Lines, whatever its name says
      config.yaml, log.txt       what was set, what was printed
      events.out.tfevents.*      the same metrics for TensorBoard
      last_checkpoint, *.pth

    {"data_time": 0.003, "eta_seconds": 1030.3, "iteration": 19, "lr": 2.8e-07, "total_loss": 86.4}
    {"bbox/AP": 12.5, "iteration": 19}

Keys are sorted, ``iteration`` counts from 0, and there is no clock: ``time`` is how long an
iteration took. Evaluations stand in rows of their own. A training that is started again appends,
so the iteration may fall inside a file. NaN is a bare word. DVCLive has a ``metrics.json`` too,
one nested object: its first line has no iteration.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

METRICS, STEP = "metrics.json", "iteration"


class Detectron2(Source):
    """Output directories of Detectron2.

    What reads them is imported where there are some: it takes 15 ms.
    """

    name = "detectron2"
    order = 30
    looks_for = r"metrics\.json"
    reads = "metrics.json, one JSON object a line"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take ``metrics.json`` if its first line has an iteration."""
        names = [name for name in folder.files if folder.asked and name.endswith(".json")]
        for name in names or [METRICS]:
            if name in folder.files and _is_ours(folder.path / name, asked=folder.asked):
                key = name.removesuffix(".json")
                yield Claim(self.name, key, folder.path, (folder.take(name),), whole=True)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the first and last lines say, and the config about the planned end."""
        from runwise_parsers.detectron2_log.run import Detectron2Log, planned  # noqa: PLC0415  see above
        from runwise_parsers.json_log.describe import described  # noqa: PLC0415  see above

        path = claim.paths[-1]
        info = described(self.name, Detectron2Log(path))
        return replace(info, total_steps=planned(path.parent))

    def open(self, info: RunInfo) -> Run:
        """Return the run in an output directory."""
        from runwise_parsers.detectron2_log.run import Detectron2Run  # noqa: PLC0415  see above

        return Detectron2Run(info)


def _is_ours(path: Path, *, asked: bool) -> bool:
    from runwise_parsers.json_log.peek import first_row, is_cut  # noqa: PLC0415  see above
    from runwise_parsers.values import as_number  # noqa: PLC0415  see above

    begun = asked and path.name == METRICS and is_cut(path)
    return begun or as_number(first_row(path).get(STEP)) is not None
