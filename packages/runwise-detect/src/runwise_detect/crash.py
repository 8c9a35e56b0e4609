"""What ended a run, read from the last lines it printed.

    Traceback (most recent call last):
      File "train.py", line 88, in <module>
    torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. ...

A run that fails prints an exception last, or something that the system or a launcher says in
its place. Launchers print tracebacks of their own after that of the worker (``ChildFailedError``
of torchrun, ``CalledProcessError`` of accelerate), several workers print theirs at once, and a
logger may put a time and a rank before every line. What is behind a ``During handling of the
above exception`` is a consequence. Messages are data of others: they are cut and never trusted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runwise_detect.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 200  # characters of a message that are kept
_LINES = 2000  # lines that are looked at
_BOX = "[0-?]*[ -/]*[@-~]"
_ESCAPES = re.compile(f"\x1b\\[{_BOX}|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_EXCEPTION = re.compile(
    r"(?:^|[\]|:>]\s*)((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning|"
    r"Killed|Timeout|Full|Failure|Stop)\w*)(?::\s*(.*))?$"
)
_LAUNCHERS = re.compile(r"ChildFailedError|CalledProcessError|ProcessRaisedException|SystemExit")
_WARNING = re.compile(r"\w*Warning$")

# What a line says, and what of it: the first that matches names the kind.
_KINDS: tuple[tuple[str, str, str], ...] = (
    (
        "out of GPU memory",
        (
            r"CUDA (error: )?out of memory|OutOfMemoryError|HIP out of memory|MPS backend out of "
            r"memory|CUBLAS_STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED|failed to allocate .* on device"
        ),
        "Use smaller batches and accumulate gradients, shorter sequences, or lower precision.",
    ),
    (
        "out of memory",
        (
            r"\bMemoryError\b|[Cc]annot allocate memory|std::bad_alloc|DefaultCPUAllocator|"
            r"oom[-_ ]?kill|[Oo]ut of memory"
        ),
        "Load less data at once, use fewer data loader workers, or ask for more memory.",
    ),
    (
        "disk full",
        r"No space left on device|Disk quota exceeded|\[Errno (28|122)\]|disk is full",
        "Make room or write fewer checkpoints, then go on from the last one that is complete.",
    ),
    (
        "data loader",
        (
            r"DataLoader worker|worker \(pid[^)]*\) (is killed|exited)|unable to open shared "
            r"memory|"
            r"insufficient shared memory|received 0 items of ancdata|Too many open files"
        ),
        "Use fewer workers, enlarge the shared memory, or look at the sample that failed.",
    ),
    (
        "CUDA assert",
        r"device-side assert|CUDA error: .*assert|Assertion `.*` failed|index out of bounds.*CUDA",
        "An index or label is out of range: run on the CPU or with CUDA_LAUNCH_BLOCKING=1.",
    ),
    (
        "communication",
        (
            r"\bNCCL\b|ncclInternalError|ncclSystemError|ProcessGroup(NCCL|Gloo)|Watchdog caught "
            r"collective|Gloo connect|DistBackendError|Connection reset by peer|DistStoreError"
        ),
        "Look at the first worker that failed and at the network; NCCL_DEBUG=INFO says more.",
    ),
    (
        "interrupted",
        r"KeyboardInterrupt|SIGINT|Interrupted by user",
        "It was stopped by hand; go on from the last checkpoint if that was not meant.",
    ),
    (
        "killed by the system",
        (
            r"^Killed$|\bSIGKILL\b|\bSIGTERM\b|[Ss]ignal 9\b|[Ss]ignal 15\b|exit(ed with)? code:? "
            r"(-9|137|143|-15)\b|CANCELLED AT|DUE TO (TIME LIMIT|PREEMPTION|NODE FAILURE)|"
            r"slurmstepd|oom-kill event"
        ),
        "Look at the time limit and the memory limit of the job, and at what the node logged.",
    ),
    (
        "segmentation fault",
        r"[Ss]egmentation fault|\bSIGSEGV\b|core dumped|Fatal Python error|\bSIGABRT\b",
        "A compiled library failed: look at its version, and run with -X faulthandler.",
    ),
)
_RULES = tuple((kind, re.compile(pattern), advice) for kind, pattern, advice in _KINDS)
_ADVICE = "Read the lines above it in the console log; the last one of your own code is the place."


def crash_cause(lines: Iterable[str]) -> Finding | None:
    """Return what ended a run, from the tail of its console; None if nothing there says so.

    Only for runs that ended without success: a healthy one may print handled errors too. The
    finding has the kind ``crash``, its steps are those of the line in what was given, and its
    metric is ``console``.

    >>> print(crash_cause([
    ...     "step 10 loss 2.3",
    ...     "Traceback (most recent call last):",
    ...     '  File "train.py", line 8, in <module>',
    ...     "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
    ... ]))
    critical crash of console at step 3: out of GPU memory (torch.OutOfMemoryError: CUDA out of \
memory. Tried to allocate 2.00 GiB.). Use smaller batches and accumulate gradients, shorter \
sequences, or lower precision.
    """
    listed = [_plain(line) for line in lines]
    start = max(0, len(listed) - _LINES)
    tail = list(enumerate(listed))[start:]
    exception = _last_exception(tail)
    said = _last_said(tail, after=-1 if exception is None else exception[0])
    if exception is None and said is None:
        return None
    if exception is None or (said is not None and _is_vague(exception[1])):
        at, text = said or (0, "")
    else:
        at, text = exception
    kind, advice = _judge(text)
    if not kind and said is not None:
        (kind, advice), at, text = _judge(said[1]), *said
    return _finding(at, kind or "exception", text, advice or _ADVICE)


def _finding(at: int, kind: str, text: str, advice: str) -> Finding:
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    stopped = kind == "interrupted"
    return Finding(
        kind="crash",
        severity="info" if stopped else "critical",
        metric="console",
        onset_step=at,
        step=at,
        value=float(at),
        baseline=None,
        statistic=None,
        threshold=None,
        message=f"{kind} ({cut})",
        advice=advice,
        end_step=at,
        status="closed",
    )


def _plain(line: str) -> str:
    """Return a line as a terminal shows it in the end, without its colours."""
    return _ESCAPES.sub("", line.rstrip("\r\n").rsplit("\r", 1)[-1]).rstrip()


def _last_exception(tail: list[tuple[int, str]]) -> tuple[int, str] | None:
    """Return the exception that ended the run: the last one, or what a launcher says it is of.

    An exception counts below a ``Traceback``, where its line begins like the traceback's.
    """
    found: list[tuple[int, str]] = []
    in_traceback = False
    for at, line in tail:
        if "Traceback (most recent call last)" in line:
            in_traceback = True
        elif in_traceback and (seen := _EXCEPTION.search(line)) is not None:
            if _WARNING.fullmatch(seen[1].rsplit(".", 1)[-1]):
                continue
            text = f"{seen[1]}: {seen[2]}" if seen[2] else seen[1]
            found.append((at, text))
            in_traceback = False
    own = [one for one in found if not _LAUNCHERS.search(one[1])]
    return (own or found or [None])[-1]


def _last_said(tail: list[tuple[int, str]], after: int) -> tuple[int, str] | None:
    """Return the last line behind an exception that names a cause by itself."""
    named = [(at, line) for at, line in tail if at > after and _judge(line)[0]]
    return named[-1] if named else None


def _is_vague(text: str) -> bool:
    return bool(_LAUNCHERS.search(text)) or not _judge(text)[0]


def _judge(text: str) -> tuple[str, str]:
    """Return the kind of a message and what to do, both empty for one like any other."""
    for kind, pattern, advice in _RULES:
        if pattern.search(text):
            return kind, advice
    return "", ""
