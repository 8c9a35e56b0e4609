"""Work for many processes, in order, that ends when it shall and survives the death of some.

Workers know nothing but the work they are given. They do not listen to Ctrl-C, which reaches
all processes of a terminal: whoever started them does, and tells them. They look for that
between two batches, and end by themselves where that process has died.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runwise.index.part import read_part

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from concurrent.futures import Future

    from runwise_parsers.slices import Slice

_AHEAD = 4
"""Pieces of work a process that are begun before their turn: what they found has to wait."""
_ELSEWHERE = 64
"""The same of an executor somebody gave us, whose size we do not know."""
_NO_PROCESSES = ImportError, NotImplementedError
"""What a system says on which none can be started."""
_flag: list[Any] = []


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_parts(
    slices: Sequence[Slice], workers: int, executor: Executor | None = None
) -> Generator[bytes]:
    """Yield the parts of slices in their order, read by some processes, or by an executor.

    What died workers leave is read here. To close the generator ends all work. Raises
    ``OSError`` where a file cannot be read.
    """
    if executor is None and (workers <= 1 or len(slices) <= 1):
        yield from map(read_part, slices)
        return
    done = 0
    with (
        suppress(BrokenExecutor, *_NO_PROCESSES),  # a worker was killed, for memory perhaps
        _pool(min(workers, len(slices)), executor) as (pool, work, ahead),
    ):
        for data in _in_order(pool, work, slices, ahead):
            done += 1
            yield data
    yield from map(read_part, slices[done:])


def _in_order(pool: Executor, work: Any, slices: Sequence[Slice], ahead: int) -> Iterator[bytes]:
    waiting: deque[Future[bytes]] = deque()
    rest = iter(slices)
    try:
        for one in rest:
            waiting.append(pool.submit(work, one))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


@contextmanager
def _pool(workers: int, executor: Executor | None) -> Generator[tuple[Executor, Any, int]]:
    """Provide processes and what they do; they end when the block is left, however that is."""
    if executor is not None:  # whose it is ends it
        yield executor, read_part, _ELSEWHERE
        return
    context = multiprocessing.get_context(_method())
    over = context.RawValue("b", 0)  # without a lock: one that is killed might hold it
    pool = ProcessPoolExecutor(workers, context, _prepare, (over,))
    try:
        yield pool, _work, _AHEAD * workers
    finally:
        over.value = 1
        pool.shutdown(cancel_futures=True)


def _method() -> str:
    """Return how to start processes: the quick way where nothing else runs in this one.

    Threads that no Python made count too: a library's may hold a lock when it is copied.
    """
    try:
        alone = len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:  # this is not Linux
        alone = False
    return "fork" if alone else "spawn"


def _prepare(over: Any) -> None:
    """Begin a worker's life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _flag[:] = [over]
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(one: Slice) -> bytes:
    return read_part(one, lambda: bool(_flag[0].value))
