"""Read many runs into the index, on all cores."""

from __future__ import annotations

from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise.index.catalogue import open_catalogue
from runwise.index.joining import Means
from runwise.index.workers import cores
from runwise_parsers import open_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise.config import Settings
    from runwise_parsers import RunInfo


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that was read; ``trouble`` says why where it was not."""

    info: RunInfo
    trouble: str = ""


def prepare(
    runs: Sequence[RunInfo], settings: Settings, executor: Executor | None = None
) -> Iterator[Prepared]:
    """Read runs, each in one piece of work, and yield them as they are done.

    Any ``Executor`` will do, if its workers see the same files and the same cache directory.
    Where one is given, it is left open.
    """
    workers = min(len(runs), cores())
    if executor is None and workers <= 1:
        alone = Means(None) if len(runs) == 1 else None
        yield from (_prepared(info, settings, alone) for info in runs)
        return
    pool = executor or ProcessPoolExecutor(workers)
    try:
        waiting = {pool.submit(_prepared, info, settings): info for info in runs}
        for done in as_completed(waiting):
            yield done.result()
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)


def _prepared(info: RunInfo, settings: Settings, means: Means | None = None) -> Prepared:
    catalogue = open_catalogue(exact=True, means=means)  # a sample would save nobody anything
    try:
        catalogue.study(info, open_run, settings)
    except OSError as error:
        return Prepared(info, str(error.strerror or error).lower())
    return Prepared(info, catalogue.trouble)
