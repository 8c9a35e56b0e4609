"""Detectron2's output directories: JSON Lines called metrics.json, and what lies beside it."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.detectron2 import Detectron2
from runwise_parsers.testing import SOURCE_CHECKS

CONFIG = """\
MODEL:
  MASK_ON: true
  ROI_HEADS: {NUM_CLASSES: 3}
SOLVER:
  BASE_LR: 0.00025
  MAX_ITER: 300
  STEPS: [210, 250]
VERSION: 2
"""


def line(iteration: int, **values: float) -> str:
    return json.dumps({"eta_seconds": 9.5, "iteration": iteration, **values}, sort_keys=True)


@pytest.fixture
def output(tmp_path):
    """Write an output directory: lines of metrics, and other files by name."""

    def write(lines, name: str = "output", **beside: str):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "metrics.json").write_text("".join(f"{one}\n" for one in lines))
        for file, text in beside.items():
            (folder / file.replace("_", ".")).write_text(text)
        return folder

    return write


def write_rows(folder, rows):
    path = folder / "metrics.json"
    lines = [json.dumps({**row, "iteration": step}, sort_keys=True) for step, row in rows]
    path.write_text("".join(f"{one}\n" for one in lines))
    return path


@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_the_detectron2_source_holds_the_contract(check, tmp_path):
    check(Detectron2(), write_rows, tmp_path)


def test_an_output_directory_is_a_run(output):
    lines = [line(step, total_loss=1 / (step + 1), lr=0.01) for step in range(19, 300, 20)]
    folder = output(lines, config_yaml=CONFIG, log_txt="one\r\ntwo\n[ETA]\rthree\n")
    (info,) = find_runs(folder.parent, sources=[Detectron2()])
    assert (info.source, info.id, info.state) == ("detectron2", "output", "unknown")
    assert (info.last_step, info.total_steps, info.clocked) == (299, 300, False)
    run = open_run(folder, sources=[Detectron2()])
    assert run.series(["total_loss"])["total_loss"].steps.tolist() == list(range(19, 300, 20))
    assert run.config()["SOLVER"]["STEPS"] == [210, 250]
    assert run.config()["MODEL"] == {"MASK_ON": True, "ROI_HEADS": {"NUM_CLASSES": 3}}
    assert run.console() == ["one", "two", "three"]
    assert run.console(1) == ["three"]
    assert run.gaps == ()


def test_several_directories_are_several_runs(output, tmp_path):
    for name in ("mask_rcnn", "retinanet"):
        output([line(1, total_loss=1)], name)
    found = find_runs(tmp_path, sources=[Detectron2()])
    assert sorted(info.id for info in found) == ["mask_rcnn", "retinanet"]


def test_evaluations_stand_in_rows_of_their_own(output):
    lines = [line(19, total_loss=2), line(39, total_loss=1), line(39, **{"bbox/AP": 12.5})]
    series = open_run(output(lines), sources=[Detectron2()]).series()
    assert series["bbox/AP"].steps.tolist() == [39]
    assert "time" not in series
    assert series["total_loss"].times is None


def test_a_training_that_was_started_again_falls_back_and_loses_nothing(output):
    lines = [line(step, total_loss=step) for step in (19, 39, 59, 39, 59, 79)]
    run = open_run(output(lines), sources=[Detectron2()])
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert run.series()["total_loss"].values.tolist() == [19, 39, 59, 39, 59, 79]


def test_nan_is_data(output):
    lines = [line(19, total_loss=1), '{"iteration": 39, "total_loss": NaN}']
    values = open_run(output(lines), sources=[Detectron2()]).series()["total_loss"].values
    assert list(map(repr, values)) == ["1.0", "nan"]


def test_seconds_of_an_iteration_are_no_clock(output):
    run = open_run(output([line(19, total_loss=1, time=1.7e9)]), sources=[Detectron2()])
    assert run.info.clocked is False
    assert run.series()["time"].values.tolist() == [1.7e9]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0" * 50,
        '{"train": {"loss": 0.5}, "step": 3}\n',
        '{\n  "iteration": 5,\n  "loss": 0.5\n}\n',
        '[{"iteration": 1}]\n',
        '{"iteration": "first"}\n',
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    ],
)
def test_another_metrics_json_is_left_alone(tmp_path, text):
    (tmp_path / "metrics.json").write_text(text)
    assert list(find_runs(tmp_path, sources=[Detectron2()])) == []


def test_a_directory_of_that_name_is_no_log(tmp_path):
    (tmp_path / "metrics.json").mkdir()
    assert list(find_runs(tmp_path, sources=[Detectron2()])) == []


def test_ten_thousand_metrics_on_a_line_are_read(output):
    many = {f"layer{number}/grad": number for number in range(10_000)}
    run = open_run(output([line(step, **many) for step in range(3)]), sources=[Detectron2()])
    assert len(run.metrics()) == 10_001
    assert run.series(["layer77/grad"])["layer77/grad"].values.tolist() == [77, 77, 77]


@pytest.mark.parametrize("config", ["SOLVER: [", "a: b: c", "!!python/object:os.system {}", "7"])
def test_a_config_that_is_none_is_a_gap_at_most(output, config):
    run = open_run(output([line(1, loss=1)], config_yaml=config), sources=[Detectron2()])
    assert isinstance(run.config(), dict)
    assert run.info.total_steps is None
    assert [gap.missing for gap in run.gaps] in ([], ["config.yaml"])
    assert run.series()["loss"].values.tolist() == [1]


def test_a_huge_config_is_not_read(output):
    text = "a: 1\n" + "# much\n" * 200_000
    run = open_run(output([line(1, loss=1)], config_yaml=text), sources=[Detectron2()])
    assert run.config() == {}
    assert "longer than 1 MiB" in str(run.gaps[0])


def test_without_a_config_there_is_none(output):
    run = open_run(output([line(1, loss=1)]), sources=[Detectron2()])
    assert (run.config(), run.console(), run.gaps) == ({}, [], ())


def test_a_file_of_another_name_is_read_when_it_is_asked_for(output):
    folder = output([line(7, loss=1)])
    path = (folder / "metrics.json").rename(folder / "metrics_old.json")
    assert open_run(path, sources=[Detectron2()]).info.last_step == 7


@given(data=st.binary(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_behind_a_first_line_are_read_without_an_exception(output, data):
    path = output([line(1, loss=1)]) / "metrics.json"
    path.write_bytes(path.read_bytes() + data)
    run = open_run(path, sources=[Detectron2()])
    run.overview(3), run.tail(2), run.summary(), run.window(None, 0, 3)
    assert run.series()["loss"].values[0] == 1
