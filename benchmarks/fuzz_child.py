"""A process that asks everything about the runs below a directory, and may be killed (Linux).

python benchmarks/fuzz_child.py        a directory a line on stdin, an answer a line on stdout
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from runwise_parsers import Run

PATIENCE = 10.0
"""Seconds of processor time for a case."""
ASLEEP = 120.0
"""Seconds for a case that does nothing at all."""
MEMORY = 1 << 30
"""Bytes of address space above what the imports took."""
QUIET = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONFAULTHANDLER": "1"}


class Child:
    """The process, started anew after it was killed."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.megabytes = 0.0
        self._patience = patience
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._errors: IO[str] | None = None

    def ask(self, root: Path) -> str:
        """Return what went wrong with the runs below a directory, nothing if all is well."""
        before = state_of(root)
        process = self._process or self._started()
        assert process.stdin is not None
        process.stdin.write(f"{root}\n")
        process.stdin.flush()
        answer = self._answer(process)
        if answer is None:
            self.stop()
            return f"hang: no answer in {self._patience:.0f} s"
        if not answer:
            code = process.wait()
            said = self._last_words()
            self.stop()
            return said or f"died with code {code}"
        self.megabytes = max(self.megabytes, float(answer))
        return "touched: files differ" if state_of(root) != before else ""

    def _answer(self, process: subprocess.Popen[str]) -> str | None:
        """Return a line, an empty one if the process died, ``None`` if it takes too long."""
        begun, used = time.monotonic(), _cpu(process.pid)
        while time.monotonic() < begun + ASLEEP and _cpu(process.pid) < used + self._patience:
            try:
                return self._answers.get(timeout=1.0)
            except queue.Empty:
                continue
        return None

    def _last_words(self) -> str:
        """Return the last of our lines in a traceback, and the error."""
        assert self._errors is not None
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines()]
        ours = [line for line in lines if "runwise_parsers" in line][-2:]
        return " | ".join([*ours, *lines[-1:]])

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout, self._errors):
                if stream is not None:
                    stream.close()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        self._answers = queue.Queue()
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  as long as the process
        self._process = process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, **QUIET},
        )
        threading.Thread(target=_pump, args=(process, self._answers), daemon=True).start()
        self._answers.get(timeout=60)  # its imports are done
        return process


def _cpu(pid: int) -> float:
    """Return how many seconds of processor time a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it ended
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pump(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            answers.put(line)
    except ValueError:  # closed by ``stop``
        return
    answers.put("")


def state_of(root: Path) -> dict[str, tuple[int, int]]:
    """Return names, sizes and times of all that lies below a directory."""
    found: dict[str, tuple[int, int]] = {}
    for path in sorted(root.rglob("*")):
        stat = path.lstat()
        found[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return found


def ask_everything(root: Path) -> None:
    """Find the runs below a directory and ask each of them every question, then each file."""
    from runwise_parsers import find_runs, open_run

    for info in find_runs(root):
        ask_run(open_run(info))
    for path in sorted(root.rglob("*")):
        try:
            run = open_run(path)
        except (LookupError, FileNotFoundError):
            continue
        run.overview(10)
        assert all(str(gap) for gap in run.gaps)


def ask_run(run: Run) -> None:
    """Ask a run every question it has to answer."""
    run.early_config()
    run.config()
    run.summary()
    metrics = run.metrics()
    series = run.series()
    for name, one in series.items():
        assert len(one.steps) == len(one.values), f"{name}: steps and values differ"
        assert one.times is None or len(one.times) == len(one.values), f"{name}: times differ"
    run.series(list(metrics)[:2])
    run.overview(50)
    run.tail(5)
    run.window(None, 3, 17)
    run.console(20)
    run.system()
    run.alerts()
    run.size()
    for artifact in run.artifacts()[:20]:
        try:
            run.read_artifact(artifact.name, 1000)
        except LookupError:
            continue
    cursor = None
    for batch in run.since(None):
        cursor = batch.cursor
        assert len(cursor) < 2048, "a cursor is longer than 2 KB"
    if cursor is not None:
        told = run.told()
        list(run.since(cursor))
        if told is not None:
            run.recall(told)
    assert all(str(gap) for gap in run.gaps)


def _serve() -> None:
    import resource
    import warnings

    import runwise_parsers.shelf

    warnings.simplefilter("error")
    runwise_parsers.shelf.all_sources()
    begun = _peak()
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
    print("ready", flush=True)
    for line in sys.stdin:
        ask_everything(Path(line.rstrip("\n")))
        print(_peak() - begun, flush=True)


def _peak() -> float:
    """Return the most memory this process held, in megabytes (not its parent: ``getrusage``)."""
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    _serve()
