"""OpenMMLab's trainers: mmcv (mmdetection 2.x and its like) and mmengine (3.x).

    work_dir/                              mmcv: one launch is one file
      20210531_102233.log.json             JSON Lines
      20210531_102233.log                  what was printed

    {"env_info": "...", "config": "...", "seed": 0, "exp_name": "faster_rcnn.py"}
    {"mode": "train", "epoch": 1, "iter": 50, "lr": 0.00198, "memory": 3600, "loss": 1.93}
    {"mode": "val", "epoch": 1, "iter": 1250, "lr": 0.02, "bbox_mAP": 0.12}

    work_dir/20230531_102233/              mmengine: one launch is one directory
      20230531_102233.log
      vis_data/scalars.json                JSON Lines; 20230531_102233.json holds the same
      vis_data/config.py

    {"lr": 1e-05, "loss": 42.7, "time": 0.35, "epoch": 1, "iter": 50, "memory": 5687, "step": 50}
    {"coco/bbox_mAP": 0.12, "data_time": 0.01, "time": 0.03, "step": 1}

mmcv's ``iter`` starts anew with each epoch (iteration based runners excepted), so the step is
``(epoch - 1) * greatest iter of an epoch + iter``; the last iterations of an epoch, which are not
logged, are not counted. The ``iter`` of an evaluation is the number of its batches, mmengine's
``step`` of one is the epoch: evaluations get the step of the training row before them. A launch
that resumes another is a run of its own. Several launches may have written into one
``scalars.json``: its step falls then. There is no clock; a launch is dated by its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_LAUNCH = r"\d{8}_\d{6}"
_FILE = re.compile(rf"{_LAUNCH}[^/]*\.log\.json")
_END = ".log.json"
_SCALARS = "scalars.json"
_COPY = re.compile(rf"{_LAUNCH}\.json")


class Mm(Source):
    """Logs of mmcv and mmengine.

    What reads them is imported where there are some: it takes 15 ms.
    """

    name = "mm"
    order = 30
    looks_for = rf".*\.log\.json|scalars\.json|{_LAUNCH}\.json"
    reads = "*.log.json of mmcv, vis_data/ of mmengine"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take launches: each is a run."""
        for name in sorted(folder.files):
            if name.endswith(_END) and (_FILE.fullmatch(name) or _is_launch(folder.path / name)):
                key = name.removesuffix(_END)
                yield Claim(self.name, key, folder.path, (folder.take(name),), whole=True)
        copies = sorted(name for name in folder.files if _COPY.fullmatch(name))
        if _SCALARS not in folder.files and folder.path.name != "vis_data":
            return
        for name in [_SCALARS, *copies]:
            if name in folder.files and _has_step(folder.path / name, asked=folder.asked):
                key, path = name.removesuffix(".json"), folder.take(name)
                for other in copies:
                    folder.take(other)  # the same rows again
                yield Claim(self.name, key, folder.path, (path,), whole=True)
                return

    def describe(self, claim: Claim) -> RunInfo:
        """Return what first and last lines and the names around them say."""
        from runwise_parsers.mm_log.describe import launch  # noqa: PLC0415  see above

        return launch(self.name, claim.paths[-1])

    def open(self, info: RunInfo) -> Run:
        """Return the run of a launch."""
        from runwise_parsers.mm_log.run import MmRun  # noqa: PLC0415  see above

        return MmRun(info)


def _is_launch(path: Path) -> bool:
    from runwise_parsers.json_log.peek import first_row  # noqa: PLC0415  see above

    return bool(first_row(path).keys() & {"mode", "env_info"})


def _has_step(path: Path, *, asked: bool) -> bool:
    from runwise_parsers.json_log.peek import first_row, is_cut  # noqa: PLC0415  see above
    from runwise_parsers.values import as_number  # noqa: PLC0415  see above

    return as_number(first_row(path).get("step")) is not None or (asked and is_cut(path))
