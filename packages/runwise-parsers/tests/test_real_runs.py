"""Logs of the real client (wandb 0.31, offline) against what was logged.

Made by ``tools/fixtures/parsers_runs.py``, which leaves the truth in ``truth.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runwise_parsers import find_runs, open_run
from runwise_parsers.alert import Alert

RUNS = Path(__file__).with_name("runs") / "wandb"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
SEVERAL = {"resumed", "resumed_again", "rewound", "rewound_again", "shared", "shared_other"}
WHOLE = sorted(set(TRUTHS) - SEVERAL - {"killed"})


@pytest.fixture(scope="module")
def run_of():
    infos = {info.id: info for info in find_runs(RUNS)}
    return lambda case: open_run(infos[TRUTHS[case]["id"]])


@pytest.fixture
def logged():
    """What a case logged, as the reader shows curves."""

    def logged(case: str) -> dict[str, list[tuple[float, str]]]:
        return {
            name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
            for name, key in TRUTHS[case]["keys"].items()
        }

    return logged


def test_every_run_is_found_once():
    assert sorted(info.id for info in find_runs(RUNS)) == sorted(
        {truth["id"] for truth in TRUTHS.values()}
    )


@pytest.mark.parametrize("case", WHOLE)
def test_curves_are_what_was_logged(case, run_of, logged, points):
    run = run_of(case)
    assert {name: points(one) for name, one in run.series().items()} == logged(case)


@pytest.mark.parametrize("case", WHOLE)
def test_a_run_is_described_as_it_was_made(case, run_of):
    truth, info = TRUTHS[case], run_of(case).info
    assert (info.id, info.name, info.state) == (truth["id"], truth["name"], truth["state"])
    assert (info.project, info.host, info.last_step) == ("demo", "demo", truth["last_step"])
    assert info.exit_code == truth.get("exit_code", 0)
    assert (info.notes, info.group) == (truth.get("notes", ""), truth.get("group", ""))
    assert (info.job_type, info.tags) == (truth.get("job_type", ""), tuple(truth.get("tags", ())))
    assert info.command.startswith("train.py --name")
    assert info.gaps == ()


@pytest.mark.parametrize("case", [case for case in WHOLE if "config" in TRUTHS[case]])
def test_the_config_is_the_last_one(case, run_of):
    assert run_of(case).config() == TRUTHS[case]["config"]


@pytest.mark.parametrize("case", WHOLE)
def test_the_summary_is_what_was_defined_or_logged_last(case, run_of, logged):
    summary, defined = run_of(case).summary(), TRUTHS[case].get("summary", {})
    assert {name: summary[name] for name in defined} == defined
    last = {name: curve[-1][1] for name, curve in logged(case).items() if name not in defined}
    assert {name: repr(summary[name]) for name in last} == last


def test_the_error_a_run_printed_is_among_its_last_lines(run_of):
    assert TRUTHS["failed"]["console"] in run_of("failed").console(5)


def test_histograms_are_mentioned(run_of):
    run = run_of("histograms")
    run.series()
    assert "weights (histogram)" in run.gaps[0].missing


def test_a_killed_run_holds_the_first_rows_and_says_that_it_was_cut(run_of, logged, points):
    run = run_of("killed")
    truth = logged("killed")
    for name, one in run.series().items():
        assert points(one) == truth[name][: len(one)]
        assert len(one) > 10
    assert (run.info.state, run.info.exit_code) == ("crashed", None)
    assert [gap.because for gap in run.gaps] == ["the log ends inside it"]


def test_a_run_resumed_offline_is_one_curve(run_of, logged, points):
    run = run_of("resumed")
    first, again = logged("resumed")["train/loss"], logged("resumed_again")["train/loss"]
    curve = first + [(step + len(first), value) for step, value in again]
    assert points(run.series()["train/loss"]) == curve
    assert len(run.info.segments) == 2
    assert run.info.last_step == curve[-1][0]


def test_what_was_measured_of_the_machine_is_what_wandb_itself_reads(run_of):
    run = run_of("measured")
    system, truth = run.system(), TRUTHS["measured"]["system"]
    assert {name: list(map(list, zip(one.times, one.values, strict=True)))
            for name, one in system.items()} == truth  # fmt: skip
    assert {"cpu", "memory_percent"} <= set(system)
    cpu = system["cpu"]
    assert cpu.steps.tolist() == [when - run.info.created for when in cpu.times]
    assert 0 <= cpu.steps[0] < cpu.steps[-1] < 60
    assert set(run.series()) == {"loss"}


def test_alerts_are_what_the_script_raised(run_of):
    raised = [Alert(*one) for one in TRUTHS["measured"]["alerts"]]
    assert run_of("measured").alerts() == raised


def test_a_fork_says_where_it_came_from_and_begins_behind_that(run_of, logged, points):
    run = run_of("forked")
    assert run.info.forked_from == TRUTHS["forked"]["forked_from"]
    assert points(run.series()["train/loss"]) == logged("forked")["train/loss"]
    assert run_of("parent").info.forked_from == ""


def test_a_rewound_run_shows_what_was_logged_since(run_of, logged, points):
    run = run_of("rewound")
    first, again = logged("rewound")["train/loss"], logged("rewound_again")["train/loss"]
    assert points(run.series()["train/loss"]) == first[:1] + again
    assert (run.info.forked_from, run.info.last_step) == ("", again[-1][0])
    assert [gap.because for gap in run.gaps] == ["the run was rewound to step 0"]


def test_a_run_of_two_writers_is_one_run_with_the_metrics_of_both(run_of, logged, points):
    run = run_of("shared")
    assert run.info.parts == ("rank0", "rank1")
    assert run.info.state == "finished"
    primary, other = logged("shared"), logged("shared_other")
    assert {name: points(one) for name, one in run.series().items()} == {
        "train/loss": primary["train/loss"], "rows": primary["rows"],
        "eval/loss": other["eval/loss"], "rows/l:rank1": other["rows"],
    }  # fmt: skip
    assert {name.rpartition("/l:")[2] for name in run.system()} == {"rank0", "rank1"}
