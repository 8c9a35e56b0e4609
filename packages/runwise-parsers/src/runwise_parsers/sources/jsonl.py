"""JSON Lines: one object per line, numbers are metrics, a step key orders them.

    {"step": 0, "loss": 2.31, "time": 1795159686.7}
    {"step": 1, "loss": 2.27, "lr": 0.001, "val": {"loss": 2.4}}

What a hand-made training loop writes. The writer may still be appending, so a broken last line
is normal, and a broken line before the last is a gap. Data sets and tables of events are JSON
Lines too: a file is a run if its first rows hold numbers and a step, or if it is called like a
log and holds no more texts than numbers.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.run import Run

SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
MANY, SOME = 24, 6
"""Files in one directory of which only some are looked at, and how many these are."""


class Jsonl(Source):
    """Hand-made logs, one JSON object per line.

    What reads them is imported where there are some: it takes 15 ms, and most directories have
    none.
    """

    name = "jsonl"
    order = 90
    looks_for = r"(?i:.*\.(?:jsonl|ndjson|jsonlines))"
    reads = "*.jsonl with numbers and steps"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take the files that are called like logs and hold one."""
        from runwise_parsers.json_log.judge import is_log  # noqa: PLC0415  see above

        named = [name for name in sorted(folder.files) if name.lower().endswith(SUFFIXES)]
        stems = Counter(name.rpartition(".")[0] for name in named)
        for name in sorted(folder.files) if folder.asked else _worth_a_look(folder.path, named):
            path = folder.path / name
            if (name in named and folder.asked) or is_log(path, asked=folder.asked):
                stem = path.stem
                key = name if stems[stem] > 1 else stem
                yield Claim(self.name, key, folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the first and last lines say; the format has no word for an end."""
        from runwise_parsers.json_log.describe import described  # noqa: PLC0415  see above
        from runwise_parsers.json_log.log import JsonLog  # noqa: PLC0415  see above

        return described(self.name, JsonLog(claim.paths[-1]))

    def open(self, info: RunInfo) -> Run:
        """Return the run in a file."""
        from runwise_parsers.json_log.run import JsonlRun  # noqa: PLC0415  see above

        return JsonlRun(info, info.path)


def _worth_a_look(folder: Path, named: list[str]) -> list[str]:
    """Return the files that may be logs: of many whose names say nothing, all or none.

    Data sets come as hundreds of files that differ in a number, and a few of them tell.
    """
    from runwise_parsers.json_log.judge import LOG_NAMES, is_log  # noqa: PLC0415  see above

    telling = [name for name in named if name.partition(".")[0].lower() in LOG_NAMES]
    others = [name for name in named if name not in telling]
    if len(others) > MANY:
        some = others[:: -(-len(others) // SOME)]
        others = others if any(is_log(folder / name, asked=False) for name in some) else []
    return sorted(telling + others)
