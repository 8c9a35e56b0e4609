"""What stays of a console log when its noise goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runwise.quiet_lines import plain, quiet

FAILURE = [
    "Traceback (most recent call last):",
    '  File "train.py", line 88, in <module>',
    "    main()",
    '  File "train.py", line 61, in main',
    "    loss.backward()",
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
]


def test_a_log_of_bars_and_colours_shrinks_to_its_news_and_every_error():
    log = ["loading data", "\x1b[33mWARNING: no GPU\x1b[0m"]
    for epoch in range(20):
        log += [
            f"Epoch {epoch}: {at}%|{'█' * (at // 10)}{' ' * 10}| {at}/100 [00:{at % 60:02}<00:09, "
            f"9.{at}it/s, loss=0.{at}]"
            for at in range(95)
        ]
        log.append(f"\x1b[36mepoch {epoch} train loss 2.{epoch} val loss 3.{epoch}\x1b[0m")
        if epoch in (4, 9):
            log.append(f"ERROR cannot write checkpoint {epoch}: No space left on device")
    log += FAILURE
    kept = quiet(log)
    assert len(log) > 1900
    assert len(kept) <= 100
    assert kept[-len(FAILURE) :] == FAILURE
    errors = [line for line in log if line.startswith("ERROR")]
    assert [line for line in kept if line.startswith("ERROR")] == errors
    assert "WARNING: no GPU" in kept
    assert not any("\x1b" in line for line in kept)
    assert sum("it/s" in line for line in kept) == 1


def test_of_lines_that_differ_in_numbers_the_first_and_the_newest_stay():
    log = [f"iter {at}: loss {2 - at / 100:.4f}, time {at + 80}.2ms" for at in range(100)]
    assert quiet(log) == [
        "iter 0: loss 2.0000, time 80.2ms",
        "... 98 lines like it",
        "iter 99: loss 1.0100, time 179.2ms",
    ]


def test_the_first_line_that_says_nan_is_news():
    log = [f"step {at} loss {'nan' if at >= 50 else 0.5}" for at in range(100)]
    assert "step 50 loss nan" in quiet(log)


def test_percentages_between_bars_are_no_progress_bar():
    sets = ("Nine", "X")
    log = [f"Val ({name}) | Token: {at}.0% | Gain: +0.6%" for at in (7, 8) for name in sets]
    assert quiet(log) == log


def test_equal_lines_are_counted():
    assert quiet(["saved", "step 1", "saved", "saved"]) == ["saved (3 times)", "step 1"]


def test_of_a_bar_that_writes_over_itself_its_end_stays():
    line = "".join(f"\r{at}%|{'#' * at}| {at}/100 [00:01<00:02, 9it/s]" for at in range(101))
    assert quiet([line]) == ["100%|#| 100/100 [00:01<00:02, 9it/s]"]


def test_bars_of_different_things_stay_each_with_its_newest_state():
    log = [
        f"{name}: {at}%|██| {at}/50 [00:01<00:02]" for at in range(50) for name in ("train", "val")
    ]
    assert quiet(log) == ["train: 49%|█| 49/50 [00:01<00:02]", "val: 49%|█| 49/50 [00:01<00:02]"]


def test_a_traceback_that_follows_an_open_bar_begins_on_a_line_of_its_own():
    log = ["12%|█▏   | 12/100 [00:01<00:09, 9it/s]" + FAILURE[0], *FAILURE[1:]]
    assert quiet(log)[1:] == FAILURE


def test_a_traceback_that_many_workers_printed_stays_once():
    log = [f"[rank{rank}]: {line}" for rank in range(8) for line in FAILURE]
    kept = quiet(log)
    assert kept[: len(FAILURE)] == [f"[rank0]: {line}" for line in FAILURE]
    assert kept[len(FAILURE) :] == ["... 7 more like it"]


def test_tracebacks_of_different_errors_stay_all():
    other = [*FAILURE[:-1], "ValueError: no such layer"]
    assert quiet([*FAILURE, *other]) == [*FAILURE, *other]


def test_what_backspaces_and_returns_wrote_over_is_gone():
    assert (
        plain("1/4 [>...]\x08\x08\x08\r4/4 [====] - loss: 2.29\r\n") == "4/4 [====] - loss: 2.29"
    )


@given(st.lists(st.text(max_size=80), max_size=60))
def test_any_lines_can_be_quieted_and_never_become_more(lines):
    kept = quiet(lines)
    printed = [line for line in lines if plain(line)]
    assert len(kept) <= 2 * len(printed) + 1
    assert all("\x1b" not in line and "\n" not in line for line in kept)
