"""Which directories make one run, what its metrics are called, and what is known besides."""

from __future__ import annotations

import time

import pytest

from runwise_parsers import find_runs
from runwise_parsers.sources.tensorboard import Tensorboard
from runwise_parsers.sources.wandb import Wandb


@pytest.fixture
def found(tmp_path):
    """The runs below a folder, by id, with their metrics."""

    def found(folder=tmp_path):
        source = Tensorboard()
        infos = find_runs(folder, sources=[source])
        return {info.id: sorted(source.open(info).series()) for info in infos}

    return found


def test_every_directory_with_event_files_is_a_run(log, tmp_path, found):
    for name in ("runs/a", "runs/b", "deep/er/c"):
        log().curve("loss", range(3)).save(tmp_path / name)
    assert found() == {"runs/a": ["loss"], "runs/b": ["loss"], "deep/er/c": ["loss"]}


@pytest.mark.parametrize(
    "name",
    [
        "events.out.tfevents",
        "events.out.tfevents.1700000000.host",
        "my.tfevents.1.2.v2",
        "a.tfevents",
    ],
)
def test_event_files_have_names_of_several_kinds(log, tmp_path, found, name):
    log().curve("loss", range(3)).save(tmp_path / "a", name)
    assert found() == {"a": ["loss"]}


@pytest.mark.parametrize("name", ["tfevents.py", "read_tfevents", "events.out.tfevents.1.gz"])
def test_other_files_have_names_like_them(log, tmp_path, found, name):
    log().curve("loss", range(3)).save(tmp_path / "a", name)
    assert found() == {}


def test_keras_train_and_validation_are_one_run(log, tmp_path, found):
    for name in ("train", "validation"):
        log().curve("epoch_loss", range(3)).save(tmp_path / "logs/fit" / name)
    assert found() == {"logs/fit": ["train/epoch_loss", "validation/epoch_loss"]}


def test_what_ran_side_by_side_is_read_hand_in_hand(log, tmp_path, opened):
    for name, every in (("train", 1), ("validation", 10)):
        one = log()
        for step in range(0, 40_000, every):
            if step % 4:  # most records say nothing, so that files span several windows
                one.records.append(one.records[0])
            else:
                one.scalar(step, "loss", step, clock=1_700_000_000 + step / 10 + every / 1000)
        one.save(tmp_path / name)
    ends = []
    for batch in opened(tmp_path).batches():
        if len(batch.columns) == 2:
            steps = [one.steps for one in batch.columns.values()]
            ends.append(abs(steps[0][-1] - steps[1][-1]))
    assert len(ends) >= 2
    assert max(ends) <= 20


def test_a_lone_train_directory_is_a_run_of_its_own(log, tmp_path, found):
    log().curve("loss", range(3)).save(tmp_path / "exp/train")
    log().curve("loss", range(3)).save(tmp_path / "exp/train2")
    assert set(found().values().__iter__().__next__()) == {"loss"}
    assert len(found()) == 2


def test_an_estimator_evaluates_into_a_directory_below(log, tmp_path, found):
    log().curve("loss", range(9)).save(tmp_path / "model")
    log().curve("loss", range(0, 9, 4)).save(tmp_path / "model/eval")
    assert found() == {"model": ["eval/loss", "loss"]}


def test_pytorch_draws_curves_together_in_directories_of_their_own(log, tmp_path, found):
    log().curve("lr", range(3)).save(tmp_path / "exp")
    for series in ("fast", "slow"):
        log().curve("train/loss", range(3)).save(tmp_path / f"exp/train_loss_{series}")
    assert found() == {"exp": ["lr", "train/loss/fast", "train/loss/slow"]}


def test_tensorboardx_draws_curves_together_two_directories_deep(log, tmp_path, found):
    log().curve("lr", range(3)).save(tmp_path / "exp")
    for series in ("fast", "slow"):
        log().curve("train/loss", range(3)).save(tmp_path / f"exp/train/loss/{series}")
    assert found() == {"exp": ["lr", "train/loss/fast", "train/loss/slow"]}


def test_a_run_below_another_one_stays_one(log, tmp_path, found):
    log().curve("loss", range(3)).save(tmp_path / "runs")
    log().curve("loss", range(3)).save(tmp_path / "runs/big_model")
    log().curve("loss", range(3)).curve("lr", range(3)).save(tmp_path / "runs/loss_a")
    assert found() == {
        "runs": ["loss"], "runs/big_model": ["loss"], "runs/loss_a": ["loss", "lr"],
    }  # fmt: skip


def test_no_tag_of_a_sub_directory_takes_the_name_of_another(log, tmp_path, found):
    log().curve("loss/a", range(3)).save(tmp_path / "exp")
    log().curve("loss", range(3)).save(tmp_path / "exp/loss_a")
    assert found() == {"exp": ["loss/a", "loss_a/loss"]}


def hparams(wire, **values: object) -> dict[str, bytes]:
    """A session's start, as the plugin keeps it."""
    part = wire["part"]
    some = b""
    for key, value in values.items():
        if isinstance(value, bool):
            held = part(4, value)
        elif isinstance(value, str):
            held = part(3, value)
        elif isinstance(value, list):
            held = part(6, b"".join(part(1, wire["fixed"](2, "d", one)) for one in value))
        else:
            held = wire["fixed"](2, "d", value)
        some += part(1, part(1, key) + part(2, held))
    return {"_hparams_/session_start_info": wire["plugin"]("hparams", part(3, some))}


def ended(wire, status: int) -> dict[str, bytes]:
    content = wire["part"](4, wire["part"](1, status) + wire["fixed"](2, "d", 1.0))
    return {"_hparams_/session_end_info": wire["plugin"]("hparams", content)}


def test_hyperparameters_are_the_config(log, tmp_path, opened, wire):
    one = log().values(0, hparams(wire, lr=0.5, size=32, name="größe", flag=True, betas=[0.9, 1]))
    run = opened(one.curve("loss", range(3)).save(tmp_path))
    assert run.config() == {
        "lr": 0.5, "size": 32, "name": "größe", "flag": True, "betas": [0.9, 1],
    }  # fmt: skip
    assert isinstance(run.config()["size"], int)
    assert run.gaps == ()


def test_one_add_hparams_belongs_to_its_run(log, tmp_path, found, opened, wire):
    log().curve("loss", range(9)).save(tmp_path / "exp")
    one = log().values(0, hparams(wire, lr=0.5)).scalar(0, "hparam/accuracy", 0.75)
    one.scalar(0, "loss", 0.5).save(tmp_path / "exp/1700000009.123")
    assert found() == {"exp": ["hparam/accuracy", "hparams/loss", "loss"]}
    run = opened(tmp_path / "exp")
    assert run.config() == {"lr": 0.5}
    assert run.summary()["loss"] == 8.0


def test_several_add_hparams_are_trials(log, tmp_path, found, wire):
    log().save(tmp_path / "exp")
    for trial in range(3):
        one = log().values(0, hparams(wire, lr=trial)).scalar(0, "hparam/accuracy", 0.75)
        one.save(tmp_path / f"exp/170000000{trial}.5")
    assert len(found()) == 4
    assert sorted(found().values()) == [[], *[["hparam/accuracy"]] * 3]


@pytest.mark.parametrize("end", [(1, "finished"), (2, "failed"), (3, "unknown")])
def test_a_session_that_ends_behind_the_scalars_ends_the_run(log, tmp_path, opened, wire, end):
    status, state = end
    one = log().curve("loss", range(20)).values(0, ended(wire, status), clock=1_700_000_020.0)
    assert opened(one.save(tmp_path)).info.state == state


def test_a_session_that_ends_before_training_began_says_nothing(log, tmp_path, opened, wire):
    one = log().values(0, ended(wire, 1), clock=1_700_000_000.0)
    assert opened(one.curve("loss", range(20)).save(tmp_path)).info.state == "unknown"
    now = log().values(0, ended(wire, 1), clock=time.time()).scalar(0, "hp", -1, clock=time.time())
    assert opened(now.save(tmp_path)).info.state == "running"


def test_hyperparameters_that_are_none_are_mentioned(log, tmp_path, opened, wire):
    broken = {"_hparams_/session_start_info": wire["plugin"]("hparams", b"\x1a\x7f")}
    run = opened(log().values(0, broken).curve("loss", range(3)).save(tmp_path))
    assert run.config() == {}
    assert "broken hyperparameters" in run.gaps[0].missing


def test_texts_before_the_first_number_are_part_of_the_config(log, tmp_path, opened):
    one = log(clock=1_699_999_990.0)
    one.text(0, "args/text_summary", '{"lr": 0.5, "nan": NaN}', clock=1_699_999_991.0)
    one.text(0, "seed", "7", clock=1_699_999_992.0).text(0, "notes", "a", "b", clock=1.0)
    one.curve("loss", range(3)).text(3, "sample", "once upon a time")
    run = opened(one.save(tmp_path))
    config = run.config()
    assert (config["seed"], config["notes"], config["args"]["lr"]) == ("7", "a\nb", 0.5)
    assert "sample" not in config
    run.series()
    assert [gap.missing for gap in run.gaps] == ["media sample (text)"]


def test_a_run_is_described_by_its_clocks_and_its_file_name(log, tmp_path, opened):
    one = log(clock=1_699_999_999.5).curve("loss", range(20))
    info = opened(one.save(tmp_path, "events.out.tfevents.1699999999.gpu-3.lab.11.0.v2")).info
    assert (info.created, info.updated, info.clocked) == (1_699_999_999.5, 1_700_000_019.5, True)
    assert (info.host, info.last_step, info.state) == ("gpu-3.lab", 19, "unknown")


def test_event_files_inside_a_wandb_run_are_not_offered(log, tmp_path):
    folder = tmp_path / "wandb/run-20260102_030405-abc12345"
    log().curve("loss", range(3)).save(folder / "files")
    (folder / "run-abc12345.wandb").write_bytes(b":W&B\xe1\xbe\x00")
    infos = list(find_runs(tmp_path, sources=[Wandb(), Tensorboard()]))
    assert [info.source for info in infos] == ["wandb"]


def test_a_large_file_is_searched_by_its_steps(log, tmp_path, opened, points, wire):
    one = log()
    bulk = wire["framed"](wire["part"](6, bytes(80_000)))
    for step in range(3000):
        one.scalar(step, "loss", step).scalar(step, "lr", -step)
        one.records += [bulk] if step % 12 == 0 else []
    run = opened(one.save(tmp_path))
    for first, last in ((0, 3), (1490, 1510), (2990, 9999), (-5, -1), (5000, 6000)):
        expected = [(s, repr(float(s))) for s in range(max(0, first), min(2999, last) + 1)]
        assert points(run.window(["loss"], first, last)) == (
            {"loss": expected} if expected else {}
        )
    shown = run.overview(40)["loss"]
    assert (shown.steps[0], shown.steps[-1]) == (0, 2999)
    assert shown.values.tolist() == shown.steps.tolist()
    assert 20 <= len(shown) <= 90
    assert run.tail(3)["lr"].values.tolist() == [-2997, -2998, -2999]


def test_a_large_file_of_tags_that_count_different_things_is_read_through(
    log, tmp_path, opened, points, wire
):
    one = log()
    bulk = wire["framed"](wire["part"](6, bytes(80_000)))
    for step in range(3000):
        one.scalar(step, "loss", step).scalar(step * 32, "by samples", step)
        one.records += [bulk] if step % 12 == 0 else []
    run = opened(one.save(tmp_path))
    window = run.window(None, 64, 70)
    assert window["loss"].steps.tolist() == list(range(64, 71))
    assert window["by samples"].steps.tolist() == [64]
