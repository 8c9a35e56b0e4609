"""Each way of printing: a sample of it, what is read, and that no other template takes it."""

# ruff: noqa: E501  the lines are as they are printed

from __future__ import annotations

import os

import pytest

from runwise_parsers import open_run
from runwise_parsers.console_log.sample import recognise
from runwise_parsers.console_log.template_shelf import known_templates
from runwise_parsers.sources.console import Console

LOGS = {
    "nanogpt": (
        (
            "step {e}: train loss 4.5, val loss 4.75\n"
            "iter {n}: loss {v:.4f}, time 12.34ms, mfu 4.50%\n"
        ),
        {"loss": "n", "time": 12.34, "mfu": 4.5, "val/loss": 4.75, "train/loss": 4.5},
    ),
    "llmc": (
        (
            "step   {n:2}/100 | loss {v:f} (+0.24z)| norm 1.2345 (-0.1z)| lr 1.20e-05 | 12.5 ms |"
            " 50.1% bf16 MFU | 123456 tok/s\n"
        ),
        {"loss": "n", "norm": 1.2345, "lr": 1.2e-5, "time_ms": 12.5, "tok/s": 123456, "mfu": 50.1},
    ),
    "modded_nanogpt": (
        "step:{n}/100 val_loss:{v:.4f} train_time:123ms step_avg:1.50ms\n",
        {"val_loss": "n", "train_time": 123, "step_avg": 1.5},
    ),
    "nanochat": (
        (
            "step {n:05}/00100 (1.00%) | loss: {v:f} | lrm: 0.50 | dt: 98.5ms | tok/sec: 425,697 |"
            " epoch: 1 pq: 0 rg: 4 | total time: 2.62m\n"
        ),
        {
            "loss": "n",
            "lrm": 0.5,
            "dt": 98.5,
            "tok/sec": 425697,
            "pq": 0,
            "rg": 4,
            "total time": 2.62,
        },
    ),
    "hf_trainer": (
        "{{'loss': '{v}', 'grad_norm': 1.5, 'learning_rate': '2e-05', 'epoch': '{n}'}}\n",
        {"loss": "n", "grad_norm": 1.5, "learning_rate": 2e-5},
    ),
    "megatron": (
        (
            " [2026-01-05 10:00:00] iteration {n:8}/     100 | consumed samples:          160 |"
            " elapsed time per iteration (ms): 123.4 | learning rate: 1.000E-04 | lm loss: {v:E} |"
            " number of nan iterations:   0 |\n"
        ),
        {
            "lm loss": "n",
            "consumed samples": 160,
            "elapsed time per iteration (ms)": 123.4,
            "learning rate": 1e-4,
            "number of nan iterations": 0,
        },
    ),
    "torchtune": (
        "Step {n} | loss:{v} lr:2e-05 tokens_per_second_per_gpu:1234.5 \n",
        {"loss": "n", "lr": 2e-5, "tokens_per_second_per_gpu": 1234.5},
    ),
    "torchtune bar": (
        "1|{n}|Loss: {v}:  34%|███▍      | {n}/508 [01:57<03:51,  1.46it/s]\r",
        {"loss": "n"},
    ),
    "tqdm": (
        "Epoch 1:  34%|███▍      | {n}/100 [00:01<00:09,  9.8it/s, loss={v}, acc=.9]\r",
        {"loss": "n", "acc": 0.9},
    ),
    "tqdm lightning": (
        "Epoch 1:  34%|███▍  | {n}/100 [00:01<00:09,  9.8it/s, v_num=0, train_loss={v}]\r",
        {"train_loss": "n"},
    ),
    "lightning": (
        "Epoch 0/9  ━━━━━━━━━━━━ {n}/100 0:00:10 • 0:00:12 4.50it/s v_num: 0.000 train_loss: {v}\n",
        {"train_loss": "n"},
    ),
    "keras": (
        "{n}/100 ━━━━━━━━━━━━━━━ 1s 12ms/step - loss: {v} - mae: 1.18 - val_loss: 2.5\r",
        {"loss": "n", "mae": 1.18, "val_loss": 2.5},
    ),
    "keras old": (
        "{n}/100 [==>...........] - ETA: 5s - loss: {v} - accuracy: 0.81\x08\x08\x08",
        {"loss": "n", "accuracy": 0.81},
    ),
    "fairseq": (
        (
            "| epoch 001 | loss {v} | ppl 388.1 | num_updates {n} | lr 0.0001\n"
            "| epoch 001 | valid on 'valid' subset | loss 8.1 | num_updates {n}\n"
        ),
        {"loss": "n", "ppl": 388.1, "lr": 1e-4, "valid/loss": 8.1},
    ),
    "fairseq hydra": (
        (
            '[2026-01-05 10:00:00,123][train_inner][INFO] - {{"epoch": 1, "loss": "{v}", "ppl": "9.5",'
            ' "num_updates": "{n}"}}\n'
        ),
        {"loss": "n", "ppl": 9.5},
    ),
    "lerobot": (
        (
            "INFO 2026-01-05 10:00:00 ot_train.py:357 step:{n} smpl:13K ep:40 epch:1.01 loss:{v}"
            " grdn:4.5 lr:1.0e-05 updt_s:0.504 data_s:0.083\n"
        ),
        {
            "loss": "n",
            "smpl": 13000,
            "ep": 40,
            "epch": 1.01,
            "grdn": 4.5,
            "lr": 1e-5,
            "updt_s": 0.504,
            "data_s": 0.083,
        },
    ),
    "tables": (
        (
            "-------------------------\n| grad_norm | 95.4      |\n| loss      | {v:<9} |\n"
            "| step      | {n:<9} |\n-------------------------\n"
        ),
        {"grad_norm": 95.4, "loss": "n"},
    ),
    "tables of sections": (
        (
            "-----------------------------------\n| rollout/           |            |\n"
            "|    ep_len_mean     | 32         |\n| time/              |            |\n"
            "|    total_timesteps | {n:<10} |\n| train/             |            |\n"
            "|    loss            | {v:<10} |\n-----------------------------------\n"
        ),
        {"rollout/ep_len_mean": 32, "train/loss": "n"},
    ),
    "yolox": (
        (
            "2026-01-05 10:00:00 | INFO     | yolox.core.trainer:258 - epoch: 1/300, iter: {n}/1000,"
            " mem: 7000Mb, iter_time: 0.3s, total_loss: {v}, lr: 1.0e-05, size: 640, ETA: 1 day,"
            " 3:00:00\n"
        ),
        {
            "mem": 7000,
            "iter_time": 0.3,
            "total_loss": "n",
            "lr": 1e-5,
            "size": 640,
        },
    ),
    "mmengine": (
        (
            "2026/01/05 10:00:00 - mmengine - INFO - Epoch(train)  [1][{n:3}/100]  lr: 1.0e-02  eta:"
            " 0:10:00  time: 0.35  memory: 5687  loss: {v}\n"
            "2026/01/05 10:00:00 - mmengine - INFO - Epoch(val) [1][20/20]    coco/bbox_mAP: 0.5\n"
        ),
        {"lr": 0.01, "time": 0.35, "memory": 5687, "loss": "n", "val/coco/bbox_mAP": 0.5},
    ),
    "mmengine of mmcv": (
        (
            "2026-01-05 10:00:00,123 - mmseg - INFO - Iter [{n}/80000]\tlr: 1.0e-02, eta: 0:10:00,"
            " time: 0.3, loss: {v}\n"
        ),
        {"lr": 0.01, "time": 0.3, "loss": "n"},
    ),
    "detectron2": (
        (
            "[01/05 10:00:00 d2.utils.events]:  eta: 1:02:03  iter: {n}  total_loss: {v}  loss_cls:"
            " 1.25  time: 0.31  lr: 0.001  max_mem: 1234M\n"
        ),
        {"total_loss": "n", "loss_cls": 1.25, "time": 0.31, "lr": 0.001, "max_mem": 1234},
    ),
    "timm": (
        (
            "Train: 0 [{n:4}/1251 (  0%)]  Loss: {v} (6.94)  Time: 1.5s,  850/s  (1.5s,  850/s)"
            "  LR: 1.000e-06\n"
        ),
        {"Loss": "n", "Time": 1.5, "LR": 1e-6},
    ),
    "imagenet": (
        "Epoch: [0][{n:4}/5005]\tTime  0.31 ( 0.52)\tLoss {v:.4e} (7.1e+00)\tAcc@1   0.10 (  0.2)\n",
        {"Time": 0.31, "Loss": "n", "Acc@1": 0.1},
    ),
    "imagenet of torchvision": (
        "Epoch: [0]  [{n:4}/5005]  eta: 0:30:00  lr: 0.1  loss: {v} (6.9)  time: 0.3\n",
        {"lr": 0.1, "loss": "n", "time": 0.3},
    ),
    "mnist": (
        "Train Epoch: 1 [{n}/60000 (1%)]\tLoss: {v:f}\n",
        {"Loss": "n"},
    ),
    "yolo": (
        "      1/100      2.5G     {v}     1.5     2.5    6.5     20        640: 100%|\n",
        {
            "gpu_mem": 2.5,
            "train/box": "v",
            "train/obj": 1.5,
            "train/cls": 2.5,
            "train/total": 6.5,
            "train/labels": 20,
        },
    ),
    "generic": (
        "ep: 0, batch: {n}, time: 9.17, ntokens: 485.20/513, loss: {v}\n",
        {"time": 9.17, "ntokens": 485.2, "loss": "n"},
    ),
    "generic of PINNs": ("It: {n}, Loss: {v:.3e}, Time: 0.12\n", {"Loss": "n", "Time": 0.12}),
    "generic in brackets": (
        "Epoch [1/10], Step [{n}/600], Loss: {v:.4f}\n",
        {"Loss": "n"},
    ),
    "generic of words": (
        "step {n} loss {v} acc 0.9 lr 1e-4\n",
        {"loss": "n", "acc": 0.9, "lr": 1e-4},
    ),
    "generic of equals": (
        "[2026-01-05 10:00:00] INFO step={n} train/loss={v} val_acc=0.5\n",
        {"train/loss": "n", "val_acc": 0.5},
    ),
    "boosting": (
        "[{n}]\ttrain-rmse:{v:.5f}\teval-rmse:0.5\n",
        {"train-rmse": "n", "eval-rmse": 0.5},
    ),
    "boosting of LightGBM": (
        "[{n}]\ttraining's l2: {v}\tvalid_1's l2: 0.25 + 0.01\n",
        {"training's l2": "n", "valid_1's l2": 0.25},
    ),
    "boosting by LightGBM's command": (
        "[LightGBM] [Info] Iteration:{n}, valid_1 auc : {v}\n",
        {"valid_1 auc": "n"},
    ),
    "boosting of CatBoost": (
        "{n}:\tlearn: {v:.7f}\ttest: 0.5\tbest: 0.5 (3)\ttotal: 5ms\tremaining: 1.2s\n",
        {"learn": "n", "test": 0.5, "best": 0.5},
    ),
    "caffe": (
        (
            "I0501 10:00:00.123456 12345 solver.cpp:228] Iteration {n} (12 iter/s, 8s/100 iters), loss = {v}\n"
            "I0501 10:00:00.123457 12345 solver.cpp:244]     Train net output #0: loss = 0.5 (* 1 = 0.5 loss)\n"
        ),
        {"loss": "n", "train/loss": 0.5},
    ),
    "darknet": (
        "\n {n}: {v:.6f}, 0.500000 avg loss, 0.001000 rate, 1.500000 seconds, 64 images, 12.3 hours left\n",
        {"loss": "n", "avg_loss": 0.5, "rate": 0.001, "seconds": 1.5, "images": 64},
    ),
    "litgpt": (
        "Epoch 1 | iter {n} step 1 | loss train: {v:.3f}, val: n/a | iter time: 150.5 ms (step) remaining time: 1 day, 2:03:04\n",
        {"train/loss": "n", "iter time": 150.5},
    ),
    "absl": (
        "I0501 10:00:00.123456 140012345678912 logging_writer.py:48] [{n}] train_loss={v}, lr=0.5\n",
        {"train_loss": "n", "lr": 0.5},
    ),
    "espnet": (
        "[host] 2022-05-01 10:00:00,123 (trainer:732) INFO: 1epoch:train:1-{n}batch: loss={v}, grad_norm=95.5\n",
        {"loss": "n", "grad_norm": 95.5},
    ),
    "keras of PaddlePaddle": (
        "step  {n}/100 [==>...] - loss: {v:.4f} - acc: 0.5 - ETA: 5s - 12ms/step\n",
        {"loss": "n", "acc": 0.5},
    ),
    "tqdm in thousands": (
        "train:   1%|#   | {n}.00/10.0k [00:01<09:00, 2.31it/s, loss={v}]\r",
        {"loss": "n"},
    ),
    "generic of counts in brackets": (
        "[batch={n}/100]:\n\t Train loss/train/total: {v}\n",
        {"Train loss/train/total": "n"},
    ),
    "generic of nnU-Net": (
        "2024-05-01 10:00:00.123456: Epoch {n} \n2024-05-01 10:00:30.123456: train_loss {v} \n",
        {"train_loss": "n"},
    ),
    "generic of PyTorch's language model": (
        "| epoch   1 | {n:5d}/ 2983 batches | lr 20.00 | ms/batch 12.5 | loss {v:6.3f} | ppl   300.5\n",
        {"lr": 20, "ms/batch": 12.5, "loss": "n", "ppl": 300.5},
    ),
    "generic of llama2.c": (
        "{n} | loss {v:.4f} | lr 5.000000e-04 | 12.5ms | mfu 10.5%\n",
        {"loss": "n", "lr": 5e-4, "mfu": 10.5},
    ),
    "generic of loguru": (
        "2024-05-01 10:00:00.123 | INFO     | trainer:train:87 - step={n} train_loss={v}\n",
        {"train_loss": "n"},
    ),
    "generic of two sets on a line": (
        "[Epoch {n:03d}] Train | loss {v} acc 50.5 || Val | loss 0.5 acc 45.5\n",
        {"loss": "n", "acc": 50.5, "val/loss": 0.5, "val/acc": 45.5},
    ),
    "generic of SAC": (
        "Episode: 3, total numsteps: {n}, episode steps: 200, reward: {v}\n",
        {"reward": "n"},
    ),
    "generic of splits": (
        "Epoch: {n:03d}, Train: {v}, Val: 0.75, Test: 0.5\n",
        {"Train": "n", "Val": 0.75, "Test": 0.5},
    ),
}
HEADED = {
    "fastai": ("epoch     train_loss  valid_loss  time    \n", "{n}         {v:.6f}    0.500000    00:10   \n"),
    "a notebook": ("Step\tTraining Loss\tValidation Loss\n", "{n}\t{v:.6f}\t0.500000\n"),
    "Markdown": ("| epoch | train_loss | valid_loss | time |\n|---|---|---|---|\n", "| {n} | {v:.6f} | 0.500000 | 00:10 |\n"),
    "spaCy": ("E    #    LOSS NER  SCORE \n---  ---  --------  ------\n", "  0    {n}  {v:8.3f}    0.50\n"),
    "scikit-learn": ("      Iter       Train Loss   Remaining Time \n", "         {n} {v:16.4f}           2.30s\n"),
}  # fmt: skip
COUNT = 12


def text_of(form):
    return "".join(form.format(n=n, e=n, v=n / 8) for n in range(1, COUNT + 1))


@pytest.fixture
def run_of(tmp_path):
    def opened(name):
        path = tmp_path / "train.log"
        path.write_text(text_of(LOGS[name][0]), newline="")
        os.utime(path, (1_600_000_000, 1_600_000_000))
        return open_run(path, sources=[Console()])

    return opened


def test_every_template_has_a_sample():
    known = {one.name for one in known_templates()} - {"columns"}  # HEADED has those
    assert {name.partition(" ")[0] for name in LOGS} == known


@pytest.mark.parametrize("name", HEADED)
def test_columns_are_called_as_their_heading_says(name, tmp_path):
    heading, row = HEADED[name]
    path = tmp_path / "train.log"
    path.write_text(heading + text_of(row))
    series = list(open_run(path, sources=[Console()]).series().values())
    assert series[0].values.tolist() == [n / 8 for n in range(1, COUNT + 1)]
    assert series[0].steps.tolist() == [float(n) for n in range(1, COUNT + 1)]
    assert all(one.values.tolist() == [0.5] * COUNT for one in series[1:])


@pytest.mark.parametrize("name", LOGS)
def test_a_log_is_recognised_by_one_of_its_lines_or_a_few(name):
    text = text_of(LOGS[name][0]).replace("\r", "\n").replace("\x08", "\n")
    assert recognise(text.split("\n")) == name.partition(" ")[0]


@pytest.mark.parametrize("name", LOGS)
def test_metrics_and_steps_are_those_that_were_printed(name, run_of):
    series, told = run_of(name).series(), LOGS[name][1]
    assert set(series) == set(told)
    for metric, value in told.items():
        values = series[metric].values.tolist()
        rising = [n / 8 for n in range(1, COUNT + 1)]
        assert values == (rising if value in ("n", "v") else [float(value)] * COUNT), metric
        if value == "n":
            assert series[metric].steps.tolist() == [float(n) for n in range(1, COUNT + 1)]


@pytest.mark.parametrize("name", LOGS)
def test_every_question_is_answered_with_the_same_points(name, run_of):
    run = run_of(name)
    whole = {
        (metric, step, value)
        for metric, one in run.series().items()
        for step, value in zip(one.steps, one.values, strict=True)
    }
    for asked in (run.tail(3), run.overview(4), run.window(None, 1, 5), run.overview(1000)):
        assert asked
        for metric, one in asked.items():
            assert {(metric, *point) for point in zip(one.steps, one.values, strict=True)} <= whole


def test_nothing_is_recognised_in_prose_code_and_settings():
    assert recognise(["lr: 0.001", "epochs: 10", "batch_size: 32", "hidden: 512"]) is None
    assert (
        recognise(["loss = criterion(out, target)", "step += 1", "for epoch in range(10):"])
        is None
    )
    assert recognise(["The loss fell in 3 steps.", "We train 10 epochs on 8 GPUs."] * 9) is None
    assert recognise(["download: 12%|# | 12M/100M [00:01<00:09, 9.8MB/s]"] * 9) is None
    assert recognise(["| name | value |", "|---|---|", "| a | 5 |"]) is None
