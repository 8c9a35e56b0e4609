"""Logs of OpenMMLab's trainers: mmcv's *.log.json and mmengine's scalars.json."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.mm_log.python_text import read_python
from runwise_parsers.sources.mm import Mm
from runwise_parsers.testing import SOURCE_CHECKS

NAME = "20210531_102233.log.json"
CONFIG = """\
optimizer = dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4)
model = dict(
    type='FasterRCNN',
    backbone=dict(depth=50, out_indices=(0, 1, 2, 3), frozen=True, init_cfg=None),
    mean=[-1.5, 0, 2.5e3])
data_root = 'data/' 'coco/'
img_scale = (1333, 800)
seeds = {1: 'a', 'b': [2, 3]}
hooks = [HOOK()]
lr_mult = 0.1 * 3
runner = dict(type='EpochBasedRunner', max_epochs=3)
"""
HEADER = {
    "env_info": "sys.platform: linux\nMMCV: 1.3.9\nMMDetection: 2.14.0+bd76ab8",
    "config": CONFIG,
    "seed": 7,
    "exp_name": "faster_rcnn_r50.py",
}


def train(epoch: int, at: int, **values: float) -> dict:
    return {"mode": "train", "epoch": epoch, "iter": at, "lr": 0.02, "memory": 3600, **values}


def val(epoch: int, batches: int, **values: float) -> dict:
    return {"mode": "val", "epoch": epoch, "iter": batches, "lr": 0.02, **values}


@pytest.fixture
def launch(tmp_path):
    """Write rows as mmcv does: one file for a launch."""

    def write(rows, name: str = NAME):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


@pytest.fixture
def scalars(launch):
    """Write rows as mmengine does: into a directory for a launch."""
    return lambda rows, when="20230531_102233": launch(rows, f"{when}/vis_data/scalars.json")


def opened(path):
    return open_run(path, sources=[Mm()])


def write_mmcv(folder, rows):
    path = folder / NAME
    lines = [json.dumps({"mode": "train", "iter": step, **row}) for step, row in rows]
    path.write_text("".join(f"{line}\n" for line in [json.dumps(HEADER), *lines]))
    return path


def write_mmengine(folder, rows):
    (folder / "vis_data").mkdir(exist_ok=True)
    path = folder / "vis_data" / "scalars.json"
    path.write_text("".join(json.dumps({**row, "step": step}) + "\n" for step, row in rows))
    return path


@pytest.mark.parametrize("write", [write_mmcv, write_mmengine])
@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_the_mm_source_holds_the_contract(check, write, tmp_path):
    check(Mm(), write, tmp_path)


def test_iterations_go_on_from_epoch_to_epoch(launch):
    rows = [HEADER]
    for epoch in (1, 2, 3):
        rows += [train(epoch, at, loss=epoch + at / 1000) for at in (50, 100, 150)]
        rows += [val(epoch, 80, bbox_mAP=epoch / 10)]
    run = opened(launch(rows))
    series = run.series()
    assert series["loss"].steps.tolist() == [50, 100, 150, 200, 250, 300, 350, 400, 450]
    assert series["bbox_mAP"].steps.tolist() == [150, 300, 450]
    assert series["epoch"].values.tolist() == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    assert {batch.segment for batch in run.batches()} == {0}
    assert (run.info.last_step, run.info.total_steps) == (450, 450)
    assert run.tail(1)["bbox_mAP"].steps.tolist() == [450]
    assert run.gaps == ()


def test_a_first_line_tells_of_the_run(launch):
    info = opened(launch([HEADER, train(1, 50, loss=1)])).info
    assert (info.name, info.commit) == ("faster_rcnn_r50", "bd76ab8")
    assert info.created == datetime(2021, 5, 31, 10, 22, 33).timestamp()  # noqa: DTZ001
    assert info.updated == info.created
    config = opened(info.path).config()
    assert config["seed"] == 7
    assert config["optimizer"] == {
        "type": "SGD",
        "lr": 0.02,
        "momentum": 0.9,
        "weight_decay": 1e-4,
    }
    assert config["model"]["backbone"]["out_indices"] == [0, 1, 2, 3]
    assert config["model"]["mean"] == [-1.5, 0, 2500]
    assert "hooks" not in config


def test_iterations_that_count_on_are_taken_as_they_are(launch):
    rows = [train(epoch, at, loss=1) for epoch, at in ((1, 50), (1, 100), (2, 150), (2, 200))]
    rows.insert(2, val(1, 500, mIoU=0.5))
    series = opened(launch(rows)).series()
    assert series["loss"].steps.tolist() == [50, 100, 150, 200]
    assert series["mIoU"].steps.tolist() == [100]


def test_a_row_for_each_epoch_makes_an_epoch_a_step_of_that_length(launch):
    rows = [train(epoch, 50, loss=1) for epoch in (1, 2, 3)]
    assert opened(launch(rows)).series()["loss"].steps.tolist() == [50, 100, 150]


def test_a_launch_that_resumes_goes_on_where_the_other_stood(launch):
    rows = [train(epoch, at, loss=1) for epoch in (6, 7) for at in (50, 100)]
    assert opened(launch(rows)).series()["loss"].steps.tolist() == [550, 600, 650, 700]


def test_names_that_training_uses_too_say_that_they_are_of_an_evaluation(launch):
    rows = [train(1, 50, loss=1, time=0.5), val(1, 9, loss=2, time=0.25, bbox_mAP=0.5)]
    series = opened(launch(rows)).series()
    assert series["loss"].values.tolist() == [1]
    assert series["val/loss"].values.tolist() == [2]
    assert series["val/time"].values.tolist() == [0.25]
    assert series["bbox_mAP"].values.tolist() == [0.5]
    assert "iter" not in series


def test_a_launch_that_grows_into_its_second_epoch_is_read_again(launch):
    rows = [train(2, at, loss=at) for at in (50, 100)]
    path = launch(rows)
    run = opened(path)
    assert run.series()["loss"].steps.tolist() == [50, 100]  # nobody can know how long epochs are
    cursor = list(run.batches())[-1].cursor
    path = launch([*rows, train(3, 50, loss=150)])
    batches = list(opened(path).since(cursor))
    assert batches[0].restart
    assert [step for batch in batches for step in batch.columns["loss"].steps] == [150, 200, 250]
    assert run.series()["loss"].steps.tolist() == [150, 200, 250]


def test_a_first_epoch_that_ends_shifts_nothing(launch):
    rows = [train(1, at, loss=at) for at in (50, 100)]
    run = opened(launch(rows))
    cursor = list(run.batches())[-1].cursor
    later = opened(launch([*rows, val(1, 9, mAP=0.5), train(2, 50, loss=150)]))
    # The length of an epoch is known now: reading starts again, and gives the same steps.
    assert [list(batch.columns["loss"].steps) for batch in later.since(cursor)] == [[50, 100, 150]]


def test_every_launch_is_a_run(launch, tmp_path):
    for day in (30, 31):
        launch([HEADER, train(1, 50, loss=day)], f"work/202105{day}_000000.log.json")
    launch([train(1, 50, loss=1)], "other/None.log.json")  # alone, it is called by its directory
    ids = sorted(info.id for info in find_runs(tmp_path, sources=[Mm()]))
    assert ids == ["other", "work/20210530_000000", "work/20210531_000000"]


def test_mmengine_evaluations_get_the_step_of_the_row_before_them(scalars):
    rows = []
    for epoch in (1, 2):
        for at in (50, 100):
            step = (epoch - 1) * 100 + at
            rows.append(
                {"lr": 0.1, "loss": 1, "time": 1, "epoch": epoch, "iter": step, "step": step}
            )
        rows.append({"coco/bbox_mAP": epoch / 10, "time": 0.5, "step": epoch})
    run = opened(scalars(rows))
    series = run.series()
    assert series["loss"].steps.tolist() == [50, 100, 150, 200]
    assert series["coco/bbox_mAP"].steps.tolist() == [100, 200]
    assert series["val/time"].values.tolist() == [0.5, 0.5]
    assert "\0floor" not in run.metrics()
    assert {batch.segment for batch in run.batches()} == {0}
    assert run.tail(1)["coco/bbox_mAP"].steps.tolist() == [200]
    assert run.overview(10)["coco/bbox_mAP"].steps.tolist() == [100, 200]
    assert run.window(None, 100, 120)["coco/bbox_mAP"].steps.tolist() == [100]
    assert run.info.last_step == 200


def test_mmengine_scalars_of_a_later_step_keep_it(scalars):
    rows = [
        {"loss": 1, "iter": 50, "step": 50},
        {"my/score": 3, "step": 77},
        {"loss": 1, "iter": 100, "step": 100},
    ]
    assert opened(scalars(rows)).series()["my/score"].steps.tolist() == [77]


def test_mmengine_launches_into_one_file_are_segments(scalars):
    rows = [{"loss": 1, "iter": step, "step": step} for step in (50, 100, 50, 100, 150)]
    run = opened(scalars(rows))
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert len(run.series()["loss"]) == 5


def test_an_mmengine_launch_is_a_directory(scalars, tmp_path):
    for when in ("20230531_102233", "20230601_000000"):
        path = scalars([{"loss": 1, "iter": 1, "step": 1}], f"work_dirs/x/{when}")
        (path.parent / "config.py").write_text("max_iters=900\n" + CONFIG)
        path.with_name(f"{when}.json").write_bytes(path.read_bytes())
        (path.parents[1] / f"{when}.log").write_text("first\nsecond\n")
        (path.parents[1] / f"{when}.json").write_text('{"coco/bbox_mAP": 0.5}')
    first, second = sorted(find_runs(tmp_path, sources=[Mm()]), key=lambda info: info.id)
    assert first.id == "work_dirs/x/20230531_102233"
    assert first.created == datetime(2023, 5, 31, 10, 22, 33).timestamp()  # noqa: DTZ001
    assert first.total_steps == 900
    run = opened(second.path.parents[1])
    assert run.console() == ["first", "second"]
    assert run.config()["runner"]["max_epochs"] == 3


def test_without_scalars_json_its_copy_is_read(launch):
    path = launch([{"loss": 1, "iter": 5, "step": 5}], "20230531_1/vis_data/20230531_102233.json")
    assert opened(path.parent).info.last_step == 5


@pytest.mark.parametrize("name", ["scalars.json", "a.log.json", "vis_data/20230531_102233.json"])
@pytest.mark.parametrize("text", ["", "{}", "\0\0", '{"a": {"b": [1]}}\n', "[1, 2]\n", "text\n"])
def test_other_files_of_these_names_are_left_alone(tmp_path, name, text):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert list(find_runs(tmp_path, sources=[Mm()])) == []


def test_a_pointer_and_an_empty_file_say_what_is_missing(launch):
    path = launch([])
    assert opened(path).series() == {}
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "git lfs pull" in str(opened(path).gaps[0])


def test_a_directory_of_that_name_is_no_log(tmp_path):
    (tmp_path / NAME).mkdir()
    assert list(find_runs(tmp_path, sources=[Mm()])) == []


def test_literals_are_read_and_nothing_else(tmp_path):
    found = read_python(
        "a = 1\nb = 'x\\'y'  # a comment\nc = open('f')\nd = dict(e=[1, (2,), {'k': None}],)\n"
        "f = -2.5e-3\ng = b'1'\nh = [1, 2\ni = f'{a}'\nj == 3\nk = dict(a)\nl = not True\nm = ()\n"
        "n = {'open': True,\n    'p': False}\n"
    )
    assert found == {
        "a": 1,
        "b": "x'y",
        "d": {"e": [1, [2], {"k": None}]},
        "f": -0.0025,
        "m": [],
        "n": {"open": True, "p": False},
    }


@pytest.mark.parametrize("text", ["a = " + "[" * 10**5, "a = " + "-" * 10**5, "a = 'x", "a = \\"])
def test_a_config_made_to_hurt_is_left_out(text):
    assert read_python(text) == {}


@given(text=st.text(alphabet="ab=[](){}dict,:'\"\\ \n-1.e#", max_size=80))
def test_any_text_is_taken_for_a_config(text):
    assert isinstance(read_python("a = " + text), dict)


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(["mode", "epoch", "iter", "step", "loss"]),
            JSON | st.sampled_from(["train", "val"]) | st.integers(0, 9),
        ),
        max_size=8,
    ),
    data=st.binary(max_size=30),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_the_rows_all_questions_are_answered(launch, rows, data):
    for name in (NAME, "20230531_102233/vis_data/scalars.json"):
        path = launch([{"step": 1, "mode": "train", "iter": 1}, *rows], name)
        path.write_bytes(path.read_bytes() + data)
        run = opened(path)
        batches = list(run.batches())
        assert list(run.since(batches[-1].cursor)) == [] if batches else run.series() == {}
        run.overview(3), run.tail(3), run.summary(), run.window(None, 0, 5), run.config()


RUNS = Path(__file__).with_name("runs") / "mm"


@pytest.mark.parametrize("case", ["mmengine_epoch", "mmengine_iter", "mmcv_epoch", "mmcv_iter"])
def test_what_the_real_loggers_wrote_is_what_was_logged(case):
    truth = json.loads((RUNS / case / "truth.json").read_text())
    run = opened(RUNS / case)
    series = run.series()
    scores = series.get("score") or series["toy/score"]
    for one, logged in ((series["loss"], truth["loss"]), (scores, truth["score"])):
        assert list(one.values) == pytest.approx([value for _, value in logged], abs=6e-6)
    # mmcv logs no iteration behind the 20th of an epoch, so that an epoch has 20 for it.
    lost = 5 if case == "mmcv_epoch" else 0
    iterations = [at - lost * ((at - 1) // 25) for at, _ in truth["loss"]]
    assert list(series["loss"].steps) == iterations
    before = [max(step for step in iterations if step <= at) for at, _ in truth["score"]]
    told = [at for at, _ in truth["score"]] if case == "mmengine_iter" else before
    assert list(scores.steps) == (told if not lost else [20, 40, 60])
    assert run.config()["optimizer"] == {"type": "SGD", "lr": 0.1}
    assert run.config()["runner"] == {"max_epochs": 3}
    assert (run.gaps, {batch.segment for batch in run.batches()}) == ((), {0})


def test_the_real_runs_are_found_once_each():
    ids = sorted(info.id for info in find_runs(RUNS, sources=[Mm()]))
    assert [one.partition("/")[0] for one in ids] == sorted(
        ["mmcv_epoch", "mmcv_iter", "mmengine_epoch", "mmengine_iter"]
    )
