"""What a run printed, and what that says of its end."""

from __future__ import annotations

import json

import pytest

TRACE = [
    "Traceback (most recent call last):",
    '  File "train.py", line 9, in <module>',
    "    step()",
]
MEMORY = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."


@pytest.fixture
def sacred_run(tmp_path):
    """Write a run as Sacred's FileStorageObserver lays it out, with what it printed."""

    def write(printed, status="FAILED", rows=60, number=1):
        folder = tmp_path / "sacred" / str(number)
        folder.mkdir(parents=True)
        clock = "2026-11-19T10:00:00.000000"
        times = [f"2026-11-19T10:{at // 60:02}:{at % 60:02}.000000" for at in range(rows)]
        values = [2 / (1 + at / 9) for at in range(rows)]
        metrics = {"loss": {"steps": list(range(rows)), "timestamps": times, "values": values}}
        run = {
            "status": status, "start_time": clock, "stop_time": times[-1] if rows else clock,
            "heartbeat": clock, "experiment": {"name": "digits"}, "host": {"hostname": "box"},
            "artifacts": [], "resources": [], "meta": {}, "command": "main",
        }  # fmt: skip
        files = {"run.json": run, "metrics.json": metrics if rows else {}, "config.json": {}}
        for name, content in files.items():
            (folder / name).write_text(json.dumps(content), encoding="utf-8")
        (folder / "cout.txt").write_text("\n".join([*printed, ""]), encoding="utf-8")
        return folder

    return write


def test_the_summary_of_a_failed_run_says_what_ended_it(ask, sacred_run):
    sacred_run([*(f"step {at} loss 0.5" for at in range(60)), *TRACE, MEMORY])
    result = ask("run", "latest")
    assert ", out of GPU memory," in result.stdout.splitlines()[0]
    assert f"! critical crash: {MEMORY.rstrip('.')}" in result.stdout
    assert "smaller batches" in result.stdout
    assert result.stdout.rstrip().endswith("console sacred/1 --errors")


def test_check_counts_what_ended_a_run_as_a_finding(ask, answer, sacred_run):
    sacred_run([*TRACE, "ValueError: no such layer"])
    assert ask("check", "latest").exit_code == 1
    crash = answer("check", "latest")["findings"][0]
    assert (crash["kind"], crash["message"]) == ("crash", "ValueError: no such layer")
    assert crash["step"] is None


def test_a_run_that_finished_is_not_accused_of_an_error_it_handled(ask, sacred_run):
    sacred_run([*TRACE, MEMORY, "retrying with smaller batches", "done"], status="COMPLETED")
    for command in ("run", "check", "console"):
        assert "crash" not in ask(command, "latest").stdout


def test_an_error_the_run_went_on_after_did_not_end_it(ask, sacred_run):
    sacred_run([*TRACE, "ValueError: bad sample, skipped", *(f"step {n}" for n in range(500))])
    assert "ValueError" not in ask("run", "latest").stdout


def test_a_run_stopped_by_hand_is_no_critical_finding(ask, sacred_run):
    sacred_run([*TRACE, "KeyboardInterrupt"], status="INTERRUPTED")
    result = ask("check", "latest")
    assert "interrupted" in result.stdout
    assert "critical" not in result.stdout
    assert result.exit_code == 0


def test_the_console_is_shown_without_noise_and_says_how_much_there_was(ask, sacred_run):
    bars = [f"{at}%|##| {at}/100 [00:01<00:02, 9it/s]" for at in range(100)]
    sacred_run(["begin", *bars, "end of epoch"], status="COMPLETED")
    lines = ask("console", "latest").stdout.splitlines()
    assert lines[0].endswith("3 lines without noise of 102 printed")
    assert [line[2:] for line in lines[1:4]] == [
        "begin", "99%|#| 99/100 [00:01<00:02, 9it/s]", "end of epoch",
    ]  # fmt: skip


def test_only_trouble_is_shown_on_request(ask, sacred_run):
    log = ["all is well", "ERROR: cannot open shard 7", "still well", *TRACE, MEMORY]
    sacred_run(log)
    shown = ask("console", "latest", "--errors").stdout
    assert "cannot open shard 7" in shown
    assert "File " in shown
    assert "well" not in shown


def test_a_long_log_is_cut_to_its_end_and_says_how_to_see_more(ask, sacred_run):
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
    sacred_run([f"{one} {two} {three}" for one in words for two in words for three in words])
    result = ask("console", "latest", "-n", "5")
    assert "dropped: 211 earlier lines (-n 216)" in result.stdout
    assert "zeta zeta zeta" in result.stdout
    assert len(ask("console", "latest", "-n", "216").stdout.splitlines()) >= 216


def test_a_run_whose_output_nobody_kept_says_so(ask, write_run, training):
    write_run("quiet", training(40))
    result = ask("console", "latest")
    assert result.exit_code == 0
    assert "nothing it printed was kept" in result.stdout


def test_a_line_of_megabytes_is_cut_with_its_length(ask, sacred_run):
    sacred_run(["x" * 100_000], status="COMPLETED")
    assert len(ask("console", "latest").stdout) < 1_000


def test_secrets_in_what_was_printed_are_not_shown(ask, sacred_run):
    sacred_run(["export WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567"], "COMPLETED")
    assert "0123456789abcdef" not in ask("console", "latest").stdout
