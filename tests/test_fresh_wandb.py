"""Forked, rewound, measured and shared W&B runs, made a moment ago by the real client.

``tools/fixtures/wandb_writers.py`` makes them and writes down the truth about each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from runwise_parsers import Run, find_runs, open_run
from runwise_parsers.alert import Alert

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.trackers


@pytest.fixture(scope="module")
def truths(house, tmp_path_factory) -> dict[str, Any]:
    pytest.importorskip("wandb")
    folder = tmp_path_factory.mktemp("fresh")
    script = house / "tools/fixtures/wandb_writers.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {"": folder, **json.loads((folder / "manifest.json").read_text())}


@pytest.fixture
def run_of(truths) -> Callable[[str], Run]:
    infos = {info.id: info for info in find_runs(truths[""])}
    return lambda case: open_run(infos[truths[case]["id"]])


@pytest.fixture
def logged(truths) -> Callable[[str, str], tuple[list[float], list[float]]]:
    def logged(case, name):
        column = truths[case]["keys"][name]
        return column["steps"], column["values"]

    return logged


def columns(run: Run, name: str) -> tuple[list[float], list[float]]:
    one = run.series()[name]
    return one.steps.tolist(), one.values.tolist()


@pytest.mark.parametrize("case", ["measured", "parent", "forked"])
def test_curves_and_states_are_what_was_logged(truths, run_of, logged, case):
    run = run_of(case)
    for name in truths[case]["keys"]:
        assert columns(run, name) == logged(case, name)
    assert (run.info.state, run.info.last_step) == ("finished", truths[case]["last_step"])
    assert run.info.forked_from == truths[case].get("forked_from", "")


def test_measurements_and_alerts_are_what_wandb_itself_reads(truths, run_of):
    run = run_of("measured")
    assert {
        name: list(map(list, zip(one.times, one.values, strict=True)))
        for name, one in run.system().items()
    } == truths["measured"]["system"]
    assert run.alerts() == [Alert(*one) for one in truths["measured"]["alerts"]]


def test_a_rewound_run_shows_what_was_logged_since(run_of, logged):
    steps, values = logged("rewound", "train/loss")
    more_steps, more_values = logged("rewound_again", "train/loss")
    run = run_of("rewound")
    assert columns(run, "train/loss") == (steps[:1] + more_steps, values[:1] + more_values)


def test_a_run_of_two_writers_holds_the_metrics_of_both(run_of, logged):
    run = run_of("shared")
    assert run.info.parts == ("rank0", "rank1")
    assert set(run.series()) == {"train/loss", "rows", "eval/loss", "rows/l:rank1"}
    assert columns(run, "rows") == logged("shared", "rows")
    assert columns(run, "rows/l:rank1") == logged("shared_other", "rows")
    assert columns(run, "eval/loss") == logged("shared_other", "eval/loss")
