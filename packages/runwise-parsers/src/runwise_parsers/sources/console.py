r"""Text logs: what a training loop printed, where nothing else is left of it.

    iter 10: loss 3.2109, time 12.34ms          (nanoGPT)
    {'loss': 0.5123, 'epoch': 0.35}             (Hugging Face)
    Epoch 3, train loss: 0.51, val loss: 0.62   (any loop)

A log is recognised by the way in which it prints (``console_log/templates``, one file each) on
a sample of its two ends. Real ones begin with settings, warnings or the source of the script;
they hold bars drawn anew behind carriage returns, colours, lines of several processes, shortened
numbers, NaN; they end within a line. READMEs, lists of requirements and data sets are called
``*.txt`` too: a file is a run only if its lines are training output.

This is the last resort: where another source has claimed a log in a directory, a text with a
name that tells nothing (``train.log``) is what that run printed, and none of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.console_log.view import View
    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

_PART = re.compile(r".*/(\d+)")


class Console(Source):
    """Text logs.

    What reads them is imported where a name looks like one: it takes 20 ms.
    """

    name = "console"
    order = 95
    looks_for = (
        r"(?i:.*\.(?:log|out|err)|.*(?:log|train|std|out|console|result|history|progress|metric|loss"
        r"|stat|run|err|slurm).*\.txt|.*\.log\.\d+|.*\.[oe]\d{3,}[-.\d]*"
        r"|(?:\w+[-_])?(?:logs?|stdout|stderr|output|console|nohup)[-_.\d]*)"
    )
    reads = "text logs: nanoGPT, HF, Megatron, Keras, tqdm, own loops"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take texts that are training output."""
        from runwise_parsers.console_log.judge import logs_in  # noqa: PLC0415  see above

        names = logs_in(folder)
        stems = [name.rpartition(".")[0] or name for name in names]
        for name, stem in zip(names, stems, strict=True):
            key = stem if stems.count(stem) == 1 else name
            yield Claim(self.name, key, folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the first and last lines say; there is no word for an end."""
        from runwise_parsers.console_log.describe import described  # noqa: PLC0415  see above
        from runwise_parsers.console_log.view import View  # noqa: PLC0415  see above

        return described(self.name, View(claim.paths[-1]))

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        """Yield the runs of a file: launches may have been appended to it."""
        from dataclasses import replace  # noqa: PLC0415  only here

        from runwise_parsers.console_log.describe import described  # noqa: PLC0415  see above

        found = _parts(claim.paths[-1])
        if len(found) < 2:
            yield self.describe(claim)
            return
        called = "/".join((claim.parent / claim.key).absolute().parts[-2:])
        for number, view in enumerate(found, start=1):
            yield replace(described(self.name, view), id=f"{called}/{number}")

    def open(self, info: RunInfo) -> Run:
        """Return the run in a file, or in the part of it that the id says."""
        from runwise_parsers.console_log.log import ConsoleLog  # noqa: PLC0415  see above
        from runwise_parsers.console_log.run import ConsoleRun  # noqa: PLC0415  see above
        from runwise_parsers.console_log.view import View  # noqa: PLC0415  see above

        match = _PART.fullmatch(info.id)
        found = _parts(info.path) if match else []
        number = int(match[1]) if match else 0
        view = found[number - 1] if 0 < number <= len(found) > 1 else View(info.path)
        return ConsoleRun(info, ConsoleLog(view))


def _parts(path: Path) -> list[View]:
    from runwise_parsers.console_log.parts import parts  # noqa: PLC0415  see above

    try:
        return parts(path)
    except OSError:
        return []
