"""Output directories of Hugging Face's Trainer, as it writes them and as they break.

``runs/trainer_state`` was made by ``tools/fixtures/trainer_cases.py`` with transformers 5.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.trainer_state import TrainerStates
from runwise_parsers.testing import REWRITTEN_CHECKS
from runwise_parsers.trainer_log.state import load, load_ends

RUNS = Path(__file__).with_name("runs") / "trainer_state"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
FINAL = {"train_loss": 3.5, "train_runtime": 9.0, "train_samples_per_second": 8.0,
         "train_steps_per_second": 2.0, "total_flos": 1e15}  # fmt: skip
ANYTHING = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def state(rows, **fields) -> dict:
    """A state as TrainerState.save_to_json makes one."""
    steps = [row["step"] for row in rows if isinstance(row.get("step"), int)]
    known = {
        "best_metric": None, "best_model_checkpoint": None, "epoch": 1.0,
        "global_step": max(steps, default=0), "is_hyper_param_search": False,
        "log_history": rows, "logging_steps": 10, "max_steps": 0, "num_train_epochs": 3,
        "stateful_callbacks": {"TrainerControl": {"args": {"should_training_stop": False}}},
        "total_flos": 0.0, "train_batch_size": 8, "trial_name": None, "trial_params": None,
    }  # fmt: skip
    return known | fields


def save(folder: Path, rows, **fields) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trainer_state.json"
    text = json.dumps(state(rows, **fields), indent=2, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8")
    return path


def losses(count: int, every: int = 10) -> list[dict]:
    return [{"epoch": n / 9, "loss": 2 / (n + 1), "step": (n + 1) * every} for n in range(count)]


def curve(run, name: str) -> list[tuple[float, float]]:
    one = run.series([name])[name]
    return list(zip(one.steps, one.values, strict=True))


@pytest.fixture(params=["a file", "checkpoints", "a final state as well"])
def write(request):
    def write(folder, rows):
        history = [{**row, "step": step} for step, row in rows]
        if request.param == "a file":
            return save(folder / "out", history)
        shutil.rmtree(folder / "out", ignore_errors=True)
        for count in (len(history) // 2, len(history)):
            save(folder / f"out/checkpoint-{count}", history[:count])
        if request.param != "checkpoints":
            save(folder / "out", history)
        return folder / "out"

    return write


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_the_source_holds_the_contract(check, write, tmp_path):
    check(TrainerStates(), write, tmp_path)


# --- one run for each output directory ---


def test_checkpoints_and_final_state_are_one_run_read_from_the_newest(tmp_path):
    for count in (5, 10, 20):
        save(tmp_path / f"exp/out/checkpoint-{count}0", losses(count), max_steps=400)
    (info,) = find_runs(tmp_path)
    assert (info.id, info.last_step, info.total_steps) == ("exp", 200, 400)
    assert len(open_run(info).series()["loss"]) == 20
    save(tmp_path / "exp/out", [*losses(20), {"epoch": 3.0, "eval_loss": 0.5, "step": 200}])
    assert "eval_loss" in open_run(tmp_path / "exp/out").series()
    save(tmp_path / "exp/out", losses(4))  # an old one: training went on since
    assert len(open_run(tmp_path / "exp/out").series()["loss"]) == 20


def test_a_checkpoint_named_by_its_path_is_shown_as_it_was(tmp_path):
    for count in (5, 20):
        save(tmp_path / f"out/checkpoint-{count}0", losses(count))
    folder = tmp_path / "out/checkpoint-50"
    for path in (folder, folder / "trainer_state.json"):
        assert open_run(path).info.last_step == 50
        assert len(open_run(path).series()["loss"]) == 5
    assert len(open_run(tmp_path / "out").series()["loss"]) == 20


@pytest.mark.parametrize("name", ["checkpoint-500", "last-checkpoint", "checkpoint-best"])
def test_a_lone_checkpoint_is_a_run_called_like_the_directory_it_lies_in(name, tmp_path):
    path = save(tmp_path / f"summarizer/{name}", losses(50))
    assert [(one.id, one.last_step) for one in find_runs(tmp_path)] == [("summarizer", 500)]
    for asked in (path, path.parent, path.parent.parent):
        assert open_run(asked).info.id.endswith("summarizer")


def test_directories_with_states_of_their_own_are_runs_of_their_own(tmp_path):
    for number in range(3):
        save(tmp_path / f"search/run-{number}/checkpoint-10", losses(1))
    assert sorted(info.id for info in find_runs(tmp_path)) == [
        f"search/run-{number}" for number in range(3)
    ]


def test_a_log_beside_the_state_is_the_same_training(tmp_path):
    save(tmp_path / "out", losses(5))
    (tmp_path / "out/trainer_log.jsonl").write_text('{"current_steps": 10, "loss": 1.0}\n' * 3)
    assert [info.source for info in find_runs(tmp_path)] == ["trainer_state"]


def test_a_state_under_another_name_is_read_where_somebody_names_it(tmp_path):
    path = save(tmp_path, losses(3)).rename(tmp_path / "state-of-monday.json")
    assert list(find_runs(tmp_path)) == []
    assert len(open_run(path).series()["loss"]) == 3


def test_checkpoints_without_a_state_are_left_to_others(tmp_path):
    (tmp_path / "checkpoint-10").mkdir()
    (tmp_path / "checkpoint-10/metrics.jsonl").write_text('{"step": 1, "loss": 2.0}\n')
    assert [info.source for info in find_runs(tmp_path)] == ["jsonl"]


def test_a_pickle_beside_the_state_is_never_loaded(tmp_path):
    class Touch:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "touched",))

    path = save(tmp_path / "out", losses(3))
    (path.parent / "training_args.bin").write_bytes(pickle.dumps(Touch()))
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    run.config(), run.summary(), run.series()
    assert not (tmp_path / "touched").exists()


# --- rows ---


def test_the_mean_over_the_whole_training_is_no_curve(tmp_path):
    rows = [*losses(9), {"epoch": 1.0, "step": 90, **FINAL}]
    run = open_run(save(tmp_path / "out", rows))
    assert set(run.series()) == {"loss", "epoch"}
    assert run.metrics() == ("epoch", "loss")
    assert run.summary() == {"epoch": 1.0, "loss": rows[8]["loss"], **FINAL}


def test_evaluating_on_the_training_data_is_a_curve(tmp_path):
    rows = [{"train_loss": 1 / n, "train_runtime": 2.0, "step": n} for n in range(1, 5)]
    run = open_run(save(tmp_path / "out", [*rows, {"step": 4, "epoch": 1.0, **FINAL}]))
    assert curve(run, "train_loss") == [(n, 1 / n) for n in range(1, 5)]
    assert run.summary()["train_loss"] == FINAL["train_loss"]


def test_tokens_counted_at_every_row_do_not_make_it_the_last_one(tmp_path):
    rows = [{"loss": 1.0, "train_runtime": n, "train_tokens_per_second": 5, "step": n}
            for n in range(1, 4)]  # fmt: skip
    run = open_run(save(tmp_path / "out", rows, max_steps=9))
    assert curve(run, "train_tokens_per_second") == [(1, 5), (2, 5), (3, 5)]
    assert run.info.state == "unknown"


def test_rows_of_one_step_are_rows_of_their_own(tmp_path):
    rows = [
        {"step": 10, "loss": 2.0, "epoch": 0.5},
        {"step": 10, "eval_loss": 1.9, "epoch": 0.5},
        {"step": 10, "eval_loss": 1.8, "epoch": 0.5},
        {"step": 20, "loss": 1.0, "epoch": 1.0},
    ]
    run = open_run(save(tmp_path / "out", rows))
    assert curve(run, "eval_loss") == [(10, 1.9), (10, 1.8)]
    assert run.series()["epoch"].steps.tolist() == [10, 10, 10, 20]
    assert set(run.tail(2)) == {"eval_loss", "loss", "epoch"}


def test_a_row_without_a_step_belongs_to_the_one_before_it(tmp_path):
    path = save(
        tmp_path / "out", [{"step": 10, "loss": 2.0}, {"epoch": 1.0}, {"step": None, "x": 1}]
    )
    assert curve(open_run(path), "epoch") == [(10, 1.0)]
    assert curve(open_run(path), "x") == [(10, 1)]


def test_rows_without_any_step_are_counted(tmp_path):
    path = save(tmp_path / "out", [{"loss": 3.0}, {"loss": 2.0}, {"epoch": 1.0}])
    assert curve(open_run(path), "loss") == [(0, 3.0), (1, 2.0)]


def test_a_fall_of_the_step_opens_a_segment_and_loses_nothing(tmp_path):
    run = open_run(save(tmp_path / "out", losses(6) + losses(4)))
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert len(run.series()["loss"]) == 10


@pytest.mark.parametrize(
    ("text", "value"),
    [("NaN", "nan"), ('"nan"', "nan"), ("-Infinity", "-inf"), ('"0.25"', "0.25")],
)
def test_numbers_are_read_in_every_spelling(text, value, tmp_path):
    path = save(tmp_path / "out", [*losses(3), {"step": 40, "loss": 777}])
    path.write_text(path.read_text().replace("777", text))
    run = open_run(path)
    assert [repr(one) for one in run.series()["loss"].values][3] == value
    assert run.gaps == ()


def test_rewards_and_nested_values_keep_their_names(tmp_path):
    row = {"step": 1, "rewards/margins": 0.5, "objective/kl": 0.1, "eval": {"f1": 1}, "note": "x"}
    run = open_run(save(tmp_path / "out", [row]))
    assert set(run.series()) == {"rewards/margins", "objective/kl", "eval.f1"}


def test_ten_thousand_metrics_and_names_nobody_expects(tmp_path):
    odd = {"a\nb": 1.0, "\x1b[31mred": 2.0, "损失": 3.0, "": 4.0}
    many = {f"eval_class_{number}": number for number in range(10_000)}
    run = open_run(save(tmp_path / "out", [{"step": 1, **odd, **many}, {"step": 2, **many}]))
    assert len(run.series()) == 10_004
    assert {name: run.series([name])[name].last for name in odd} == odd
    (batch,) = run.batches()
    assert len(batch.cursor) < 2048
    assert list(run.since(batch.cursor)) == []


# --- what is known of a run ---


def test_the_arguments_of_the_trainer_and_the_model_are_the_config(tmp_path):
    search = {"learning_rate": 0.001, "seed": 3}
    path = save(tmp_path / "out", losses(2), max_steps=400, trial_params=search)
    (path.parent / "config.json").write_text('{"model_type": "gpt2", "_name_or_path": "gpt2-xl"}')
    adapter = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "inference_mode": True}
    (path.parent / "adapter_config.json").write_text(json.dumps(adapter))
    assert open_run(path.parent).config() == {
        "max_steps": 400,
        "num_train_epochs": 3,
        "train_batch_size": 8,
        "logging_steps": 10,
        "trial_params": search,
        "model": {"model_type": "gpt2", "_name_or_path": "gpt2-xl"},
        "adapter": {"peft_type": "LORA", "r": 8, "lora_alpha": 16},
    }


def test_a_config_of_somebody_else_is_not_taken_for_the_models(tmp_path):
    path = save(tmp_path / "out", losses(2))
    (path.parent / "config.json").write_text('{"lr": 0.1}')
    assert "lr" not in open_run(path.parent).config()
    assert "model" not in open_run(path.parent).config()


def test_the_best_checkpoint_and_saved_results_are_in_the_summary(tmp_path):
    best = {"best_metric": 0.0, "best_model_checkpoint": "out/checkpoint-10", "total_flos": 5e14}
    save(tmp_path / "out/checkpoint-20", losses(2), **best)
    results = {"eval_loss": 0.75, "train_samples": 64, "predictions": [1, 2]}
    (tmp_path / "out/all_results.json").write_text(json.dumps(results))
    summary = open_run(tmp_path / "out").summary()
    assert {name: summary[name] for name in best} == best
    assert (summary["eval_loss"], summary["train_samples"]) == (0.75, 64)
    assert "predictions" not in summary


@pytest.mark.parametrize(
    ("fields", "rows", "expected"),
    [
        ({"max_steps": 90}, losses(9), "finished"),
        ({"max_steps": 400}, losses(9), "unknown"),
        ({"max_steps": 400}, [*losses(9), {"step": 90, **FINAL}], "finished"),
        ({"max_steps": 400}, [*losses(5), {"step": 50, **FINAL}, *losses(9)[5:]], "unknown"),
        ({"max_steps": -1, "epoch": 3.0}, losses(9), "finished"),
        ({"max_steps": 0, "num_train_epochs": 0}, [{"step": 0, "eval_loss": 1.0}], "unknown"),
        ({"max_steps": 400, "stateful_callbacks": {"TrainerControl": {"args":
            {"should_training_stop": True}}}}, losses(9), "finished"),
    ],
)  # fmt: skip
def test_a_training_is_finished_only_if_its_state_says_so(fields, rows, expected, tmp_path):
    path = save(tmp_path / "out", rows, **fields)
    assert open_run(path).info.state == expected


def test_a_fresh_file_says_nothing_about_a_training_that_goes_on(tmp_path):
    path = save(tmp_path / "out", losses(9), max_steps=400)
    os.utime(path, (time.time(), time.time()))
    info = open_run(path).info
    assert (info.state, info.clocked, info.created) == ("unknown", False, None)
    assert info.updated == path.stat().st_mtime


def test_an_empty_history_says_that_nothing_was_logged(tmp_path):
    path = save(tmp_path / "out", [], global_step=300, max_steps=900)
    run = open_run(path)
    assert run.series() == {}
    assert (run.info.last_step, run.info.total_steps) == (None, 900)
    assert [str(gap) for gap in run.gaps] == [
        "the history: nothing was logged in its 300 steps. Set a smaller logging_steps."
    ]


def test_head_and_tail_of_a_large_state_tell_what_the_whole_does(tmp_path):
    rows = [*losses(2_000), {"step": 20_000, "epoch": 2.0, **FINAL}]
    path = save(tmp_path / "out", rows, max_steps=25_000, best_metric=0.5)
    ends, whole = load_ends(path), load(path)
    assert len(ends.rows) < 400 < len(whole.rows)
    assert ends.fields.items() <= whole.fields.items()
    assert (ends.step, ends.goal) == (20_000, 25_000)
    assert ends.rows[0] == whole.rows[0]
    assert ends.rows[-1] == whole.rows[-1]
    assert open_run(path).info.state == "finished"


@pytest.mark.parametrize("indent", [None, 4])
def test_a_state_that_was_formatted_anew_is_read_as_well(indent, tmp_path):
    path = save(tmp_path / "out", losses(2_000), max_steps=25_000)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=indent))
    info = open_run(path).info
    assert (info.last_step, info.total_steps) == (20_000, 25_000)


# --- damage ---


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_of_a_state_that_is_cut_the_whole_rows_are_read(part, tmp_path):
    path = save(tmp_path / "out", losses(100), max_steps=5_000)
    truth = curve(open_run(path), "loss")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    run = open_run(path)
    got = curve(run, "loss")
    assert got == truth[: len(got)]
    assert len(got) > 100 * part - 10
    assert run.info.state == "unknown"
    assert [gap.because for gap in run.gaps] == ["it is cut short or damaged"]
    assert f"{len(got)} rows" in run.gaps[0].remedy


def test_rows_behind_a_damaged_place_are_read(tmp_path):
    path = save(tmp_path / "out", losses(100))
    text = path.read_text().replace('"step": 500\n', '"step" 500\n')
    path.write_text(text)
    steps = open_run(path).series()["loss"].steps.tolist()
    assert steps == [step * 10 for step in range(1, 101) if step != 50]


def test_a_number_that_is_cut_is_not_taken_for_a_smaller_one(tmp_path):
    path = save(tmp_path / "out", [], global_step=12345)
    text = path.read_text()
    for kept in ('"global_step": 12', '"global_step": 12345'):
        path.write_text(text[: text.index('"global_step"')] + kept)
        assert open_run(path).info.last_step is None
        assert load(path).step is None


def test_a_checkpoint_being_written_does_not_hide_the_one_before_it(tmp_path):
    save(tmp_path / "out/checkpoint-50", losses(5))
    newest = save(tmp_path / "out/checkpoint-100", losses(10))
    data = newest.read_bytes()
    newest.write_bytes(b"")
    run = open_run(tmp_path / "out")
    assert len(run.series()["loss"]) == 5
    assert run.info.last_step == 50
    assert run.gaps[0].missing == "part of checkpoint-100/trainer_state.json"
    newest.write_bytes(data[: len(data) - 300])
    assert len(open_run(tmp_path / "out").series()["loss"]) > 5


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b'{"log_history": 3}',
        b'{"log_history": [1, {"step": 1, "loss": 2}]}',
        b"\x00" * 900,
        b"\xff\xfe{",
    ],
)
def test_something_else_under_this_name_is_a_run_with_a_gap(data, tmp_path):
    (tmp_path / "trainer_state.json").write_bytes(data)
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    assert len(run.series()) == (1 if b'"loss"' in data else 0)
    assert run.gaps[0].because == "it is cut short or damaged"


def test_a_git_lfs_pointer_says_what_to_do(tmp_path):
    (tmp_path / "trainer_state.json").write_text("version https://git-lfs.github.com/spec/v1\n")
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    assert run.series() == {}
    assert [gap.remedy for gap in run.gaps] == ["Run git lfs pull."]


def test_a_directory_in_place_of_the_file_is_no_run(tmp_path):
    (tmp_path / "out/trainer_state.json").mkdir(parents=True)
    assert list(find_runs(tmp_path)) == []


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read anything")
def test_a_state_that_may_not_be_read_is_a_gap(tmp_path):
    path = save(tmp_path / "out", losses(3))
    path.chmod(0)
    run = open_run(tmp_path / "out")
    assert run.series() == {}
    assert [gap.because for gap in run.gaps] == ["permission denied"]


def test_a_state_that_disappears_is_a_gap(tmp_path):
    save(tmp_path / "out", losses(3))
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    cursor = list(run.batches())[-1].cursor
    shutil.rmtree(tmp_path / "out")
    assert [batch.restart for batch in run.since(cursor)] == [True]
    assert run.series() == {}
    assert run.gaps[0].because == "no such file or directory"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["step", "epoch", "loss", "train_runtime"]), JSON) | JSON
)


@given(rows=JSON | ROWS, step=JSON, goal=JSON)
@ANYTHING
def test_whatever_json_stands_in_a_state_all_questions_are_answered(rows, step, goal, tmp_path):
    fields = {"log_history": rows, "global_step": step, "max_steps": goal, "epoch": goal}
    (tmp_path / "trainer_state.json").write_text(json.dumps(fields))
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    batches = list(run.batches())
    assert list(run.since(batches[-1].cursor)) == [] if batches else run.series() == {}
    run.overview(3), run.tail(3), run.summary(), run.config(), run.window(None, 0, 5), run.gaps


@given(data=st.binary(max_size=300), before=st.integers(0, 400))
@ANYTHING
def test_any_bytes_are_read_without_an_exception(data, before, tmp_path):
    path = save(tmp_path, losses(3))
    path.write_bytes(path.read_bytes()[:before] + data)
    for info in find_runs(tmp_path):
        run = open_run(info)
        run.series(), run.overview(3), run.tail(3), run.summary(), run.metrics(), run.gaps


# --- runs of the real Trainer ---


@pytest.fixture(params=sorted(TRUTHS))
def real(request):
    infos = {info.id: info for info in find_runs(RUNS)}
    return TRUTHS[request.param], open_run(infos[request.param])


def test_every_real_run_is_found_once():
    assert sorted(info.id for info in find_runs(RUNS)) == sorted(TRUTHS)


def test_a_real_run_gives_what_was_logged(real, points):
    truth, run = real
    logged = {
        name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
        for name, key in truth["keys"].items()
    }
    got = {name: points(one) for name, one in run.series().items()}
    assert got == logged
    assert run.gaps == ()


def test_a_real_run_is_described_as_it_ended(real):
    truth, run = real
    assert (run.info.state, run.info.last_step) == (truth["state"], truth["last_step"])
    assert run.info.total_steps == run.config()["max_steps"]
    summary = run.summary()
    assert {name: summary[name] for name in truth.get("summary", {})} == truth.get("summary", {})
