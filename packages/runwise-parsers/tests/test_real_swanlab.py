"""Logs of real SwanLab clients against what was logged.

Made by ``tools/fixtures/swanlab_cases.py`` with each of these clients, which leaves the truth in
``truth.json``.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from runwise_parsers import find_runs, open_run

RUNS = Path(__file__).with_name("runs") / "swanlab"
CLIENTS = sorted(folder.name for folder in RUNS.iterdir())
TRUTHS = {
    (client, case): truth
    for client in CLIENTS
    for case, truth in json.loads((RUNS / client / "truth.json").read_text("utf-8")).items()
}
HAVING = {
    case: [client for client in CLIENTS if (client, case) in TRUTHS]
    for case in ("failed", "killed", "measured", "media")
}
WHOLE = [key for key in TRUTHS if key[1] not in ("killed", "resumed", "resumed_again")]


@pytest.fixture(scope="module")
def run_of():
    def run_of(key):
        client, case = key
        (info,) = find_runs(RUNS / client / case)
        return open_run(info)

    return run_of


@pytest.fixture
def logged():
    """What a case logged, as the reader shows curves; before 0.8, infinity has no sign."""

    def logged(key) -> dict[str, list[tuple[float, str]]]:
        signs = TRUTHS[key].get("signs", True)
        return {
            name: [
                (step, repr(float(abs(value) if math.isinf(value) and not signs else value)))
                for step, value in zip(column["steps"], column["values"], strict=True)
            ]
            for name, column in TRUTHS[key]["keys"].items()
        }

    return logged


def test_three_generations_of_clients_are_here():
    assert CLIENTS == ["0.10.3", "0.4.5", "0.6.4"]


@pytest.mark.parametrize("key", WHOLE, ids="-".join)
def test_curves_are_what_was_logged(key, run_of, logged, points):
    run = run_of(key)
    assert {name: points(one) for name, one in run.series().items()} == logged(key)


@pytest.mark.parametrize("key", WHOLE, ids="-".join)
def test_a_run_is_described_as_it_was_made(key, run_of):
    truth, info = TRUTHS[key], run_of(key).info
    assert (info.source, info.id, info.name) == ("swanlab", truth["id"], truth["name"])
    assert (info.state, info.project) == (truth["state"], "demo")
    assert (info.notes, info.tags) == (truth.get("notes", ""), tuple(truth.get("tags", ())))
    assert info.gaps == ()
    if key[1] != "own_steps":
        assert info.last_step == max(column["steps"][-1] for column in truth["keys"].values())
    assert 1.7e9 < info.created < info.updated < info.created + 60


@pytest.mark.parametrize("client", CLIENTS)
def test_config_and_printed_lines_are_those_of_the_run(client, run_of):
    run = run_of((client, "finished"))
    assert run.config() == TRUTHS[client, "finished"]["config"]
    assert "all done" in run.console(10)


@pytest.mark.parametrize("client", HAVING["failed"])
def test_the_error_that_ended_a_run_is_among_its_last_lines(client, run_of):
    said = TRUTHS[client, "failed"]["console"]
    assert any(said in line for line in run_of((client, "failed")).console())


@pytest.mark.parametrize("client", HAVING["killed"])
def test_a_killed_run_holds_the_first_points_and_has_crashed(client, run_of, logged, points):
    run, truth = run_of((client, "killed")), logged((client, "killed"))
    for name, one in run.series().items():
        assert points(one) == truth[name][: len(one)]
        assert len(one) > 10
    assert run.info.state == "crashed"


@pytest.mark.parametrize("client", HAVING["measured"])
def test_what_was_measured_of_the_machine_stands_apart(client, run_of):
    run = run_of((client, "measured"))
    system = run.system()
    assert set(TRUTHS[client, "measured"]["measured"]) <= set(system)
    assert all(0 < one.steps[0] < 60 and one.times[0] > 1.7e9 for one in system.values())
    assert set(run.series()) == {"loss"}


def test_a_run_resumed_offline_is_one_curve(run_of, logged, points):
    client = "0.10.3"
    first, again = (logged((client, case))["train/loss"] for case in ("resumed", "resumed_again"))
    curve = first + [(step + len(first), value) for step, value in again]
    run = run_of((client, "resumed"))
    assert points(run.series()["train/loss"]) == curve
    assert (len(run.info.segments), run.info.last_step) == (2, curve[-1][0])


@pytest.mark.parametrize("client", HAVING["media"])
def test_texts_are_mentioned(client, run_of):
    run = run_of((client, "media"))
    run.series()
    assert "sample" in run.gaps[0].missing
