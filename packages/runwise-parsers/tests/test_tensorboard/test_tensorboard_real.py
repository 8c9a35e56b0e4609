"""Event files of the libraries that write them against what was logged.

Made by ``tools/fixtures/tensorboard_cases.py`` with PyTorch 2.12, tensorboardX 2.6, TensorBoard
2.21, Lightning 2.6, TensorFlow 2.21 with Keras 3 and Stable Baselines 2.9. The truth is in
``truth.json``: numbers before they went through 32 bits, but for those it calls ``wide``.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.tensorboard import Tensorboard

RUNS = Path(__file__).parents[1] / "runs" / "tensorboard"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
WHOLE = sorted(set(TRUTHS) - {"torch_killed"})
WITH_NOTES = {"torch_restarted", "torch_resumed", "torch_media", "tf2", "keras"}


@pytest.fixture(scope="module")
def run_of():
    source = Tensorboard()
    infos = {info.id.partition("/")[0]: info for info in find_runs(RUNS, sources=[source])}
    return lambda case: open_run(infos[case], sources=[source])


def logged(case):
    """Return what a case logged, as it was written."""
    wide = TRUTHS[case].get("wide", ())

    def kept(name, value):
        return value if name in wide else struct.unpack("<f", struct.pack("<f", value))[0]

    return {
        name: list(zip(key["steps"], (repr(kept(name, v)) for v in key["values"]), strict=True))
        for name, key in TRUTHS[case]["keys"].items()
    }


def test_every_run_is_found_once():
    found = [info.id for info in find_runs(RUNS, sources=[Tensorboard()])]
    assert sorted(one.partition("/")[0] for one in found) == sorted(TRUTHS)
    assert {"keras", "tf1", "tf2", "stable_baselines/PPO_1", "lightning"} <= set(found)


@pytest.mark.parametrize("case", WHOLE)
def test_curves_are_what_was_logged(case, run_of, points):
    curves, expected = points(run_of(case).series()), logged(case)
    if TRUTHS[case].get("exact", True):
        assert curves == expected
    else:
        assert expected.items() <= curves.items()


@pytest.mark.parametrize("case", sorted(set(WHOLE) - WITH_NOTES))
def test_a_whole_log_has_no_gaps(case, run_of):
    run = run_of(case)
    run.series()
    assert run.gaps == ()


@pytest.mark.parametrize("case", WHOLE)
def test_a_run_is_described_as_it_was_left(case, run_of):
    run, truth = run_of(case), TRUTHS[case]
    assert (run.info.state, run.info.last_step) == (truth["state"], truth["last_step"])
    assert run.info.host == "demo"
    assert run.info.clocked
    assert run.info.created <= run.info.updated
    for one in run.series().values():
        assert run.info.created <= one.times[0] <= one.times[-1] <= run.info.updated


@pytest.mark.parametrize("case", [case for case in WHOLE if "config" in TRUTHS[case]])
def test_the_config_is_what_was_given(case, run_of):
    assert run_of(case).config() == TRUTHS[case]["config"]


@pytest.mark.parametrize("case", WHOLE)
def test_the_last_values_are_those_logged_last(case, run_of):
    summary = {name: repr(value) for name, value in run_of(case).summary().items()}
    assert {name: curve[-1][1] for name, curve in logged(case).items()}.items() <= summary.items()


def test_media_are_mentioned(run_of):
    run = run_of("torch_media")
    run.series()
    said = "media weights (histogram), sample (text), image (image)"
    assert [gap.missing for gap in run.gaps] == [said]


def test_a_killed_run_holds_the_first_rows(run_of, points):
    curve = logged("torch_killed")["loss"]
    got = points(run_of("torch_killed").series())["loss"]
    assert got == curve[: len(got)]
    assert len(got) > 10
    assert run_of("torch_killed").info.state == "unknown"


def test_two_launches_are_one_curve(run_of):
    run = run_of("torch_restarted")
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert run.gaps[0].remedy == "Its steps are shown 12 higher."


def test_what_a_launch_replays_is_counted(run_of):
    run = run_of("torch_resumed")
    run.series()
    replayed = TRUTHS["torch_resumed"]["replayed"]
    assert [gap.missing.partition(" of ")[0] for gap in run.gaps] == [f"{replayed} points"]
