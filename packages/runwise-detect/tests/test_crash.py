from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_detect.crash import crash_cause

TRACEBACK = ["epoch 3", "Traceback (most recent call last):", '  File "train.py", line 8, in f']

LAST_LINES = {
    "out of GPU memory": "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried 2 GiB",
    "out of memory": "MemoryError",
    "disk full": "OSError: [Errno 28] No space left on device: 'checkpoint.pt'",
    "data loader": "RuntimeError: DataLoader worker (pid 4242) is killed by signal: Bus error.",
    "CUDA assert": "RuntimeError: CUDA error: device-side assert triggered",
    "communication": "torch.distributed.DistBackendError: NCCL error in: x.cpp:1970",
    "interrupted": "KeyboardInterrupt",
    "exception": "ValueError: operands could not be broadcast together",
}


@pytest.mark.parametrize("kind", LAST_LINES)
def test_the_last_exception_says_what_kind_of_crash_it_was(kind):
    found = crash_cause([*TRACEBACK, LAST_LINES[kind]])
    assert found is not None
    assert found.message.startswith(f"{kind} (")
    assert (found.kind, found.metric, found.onset_step) == ("crash", "console", 3)
    assert found.severity == ("info" if kind == "interrupted" else "critical")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Killed", "killed by the system"),
        ("slurmstepd: error: *** JOB 1 ON n1 CANCELLED AT 2026 DUE TO TIME LIMIT ***", "killed"),
        ("Fatal Python error: Segmentation fault", "segmentation fault"),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "out of memory"),
    ],
)
def test_what_the_system_says_counts_without_an_exception(line, kind):
    found = crash_cause(["step 5 loss 2.1", line])
    assert found is not None
    assert found.message.startswith(kind)


def test_a_launcher_that_fails_after_its_worker_is_not_the_cause():
    lines = [
        *TRACEBACK,
        "[rank0]: torch.OutOfMemoryError: CUDA out of memory.",
        *TRACEBACK,
        "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ",
    ]
    found = crash_cause(lines)
    assert found is not None
    assert found.message.startswith("out of GPU memory")


def test_a_launcher_alone_is_told_with_what_it_says_of_the_worker():
    lines = [*TRACEBACK, "ChildFailedError: train.py FAILED", "  exitcode  : -9 (pid: 7) Signal 9"]
    found = crash_cause(lines)
    assert found is not None
    assert found.message.startswith("killed by the system")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["step 1 loss 2.0", "step 2 loss 1.9"],
        ["number of nan iterations:   0", "UserWarning: the error rate fell", "done"],
        ["Error analysis: 12 Errors found", "ValueError is what this log talks about"],
    ],
)
def test_a_console_without_a_crash_has_no_cause(lines):
    assert crash_cause(lines) is None


def test_colours_bars_and_long_messages_are_cut():
    found = crash_cause([*TRACEBACK, " 10%|#   |\r\x1b[31mValueError: " + "x" * 5000 + "\x1b[0m"])
    assert found is not None
    assert "\x1b" not in found.message
    assert len(found.message) < 250


@given(st.lists(st.text(), max_size=20))
def test_any_text_in_no_exception_out(lines):
    crash_cause([*TRACEBACK, *lines])
