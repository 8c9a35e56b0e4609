"""Time reading text logs: ours beside one compiled regular expression over the same bytes.

    python benchmarks/console_read.py [--lines 100000] [--rounds 5] [TEMPLATE ...]

For each template a log of ``--lines`` lines is made. The expression is the one a person would
write for this log: it captures the step and every number we read, with ``findall`` over the whole
bytes, and makes nothing of what it captures. ``all`` reads all metrics with their steps, ``loss``
one of them. Figures are CPU seconds of this process, medians of the rounds; a ratio compares
two readings of one round. To hold: 3.
"""

# ruff: noqa: E501  the lines are as they are printed

from __future__ import annotations

import argparse
import random
import re
import statistics
import tempfile
import time
from pathlib import Path

from runwise_parsers import open_run

BOUND = 3.0
N = rb"([-+.\deE]+)"
LOGS = {
    "nanogpt": (
        "iter {i}: loss {a:.4f}, time {t:.2f}ms, mfu {c:.2f}%\n",
        rb"iter (\d+): loss %s, time %sms, mfu %s%%" % (N, N, N),
        "loss",
    ),
    "llmc": (
        (
            "step {i:5}/100000 | loss {a:.6f} (+0.24z)| norm {b:.4f} (-0.1z)| lr {l:.2e} | {t:.2f} ms |"
            " 50.1% bf16 MFU | 123456 tok/s\n"
        ),
        rb"step +(\d+)/(\d+) \| loss %s \S+ norm %s \S+ lr %s \| %s ms \| %s%% bf16 MFU \| %s tok"
        % (N, N, N, N, N, N),
        "loss",
    ),
    "modded_nanogpt": (
        "step:{i}/100000 train_loss:{a:.4f} train_time:{t:.0f}ms step_avg:{b:.2f}ms\n",
        rb"step:(\d+)/(\d+) train_loss:%s train_time:%sms step_avg:%sms" % (N, N, N),
        "train_loss",
    ),
    "nanochat": (
        (
            "step {i:05}/100000 (0.05%) | loss: {a:.6f} | lrm: 1.00 | dt: {t:.2f}ms | tok/sec: 425,697"
            " | mfu: 0.00 | total time: 0.01m\n"
        ),
        rb"step (\d+)/(\d+) \S+ \| loss: %s \| lrm: %s \| dt: %sms \| tok/sec: ([\d,]+) \| mfu: %s"
        rb" \| total time: %sm" % (N, N, N, N, N),
        "loss",
    ),
    "hf_trainer": (
        "{{'loss': {a:.4f}, 'grad_norm': {b:.6f}, 'learning_rate': {l:.6e}, 'epoch': {e:.2f}}}\n",
        rb"\{'loss': %s, 'grad_norm': %s, 'learning_rate': %s, 'epoch': %s\}" % (N, N, N, N),
        "loss",
    ),
    "megatron": (
        (
            " [2026-01-05 10:00:00] iteration {i:8}/  100000 | consumed samples: {i:12} | elapsed time"
            " per iteration (ms): {t:.1f} | learning rate: {l:.3E} | global batch size:    16 | lm loss:"
            " {a:.6E} | loss scale: 1.0 | grad norm: {b:.3f} | number of skipped iterations:   0 |"
            " number of nan iterations:   0 |\n"
        ),
        rb"\[([-\d :]+)\] iteration +(\d+)/ +(\d+) \| consumed samples: +%s \| elapsed time per"
        rb" iteration \(ms\): %s \| learning rate: %s \| global batch size: +%s \| lm loss: %s \|"
        rb" loss scale: %s \| grad norm: %s \| number of skipped iterations: +%s \| number of nan"
        rb" iterations: +%s \|" % (N, N, N, N, N, N, N, N, N),
        "lm loss",
    ),
    "torchtune": (
        "Step {i} | loss:{a:.6f} lr:{l:.6e} tokens_per_second_per_gpu:{t:.4f} \n",
        rb"Step (\d+) \| loss:%s lr:%s tokens_per_second_per_gpu:%s" % (N, N, N),
        "loss",
    ),
    "tqdm": (
        "Epoch 1:  34%|███▍      | {i}/100000 [00:01<00:09,  9.8it/s, loss={a:.4f}, acc={b:.4f}]\r",
        rb"Epoch (\d+): [^|]*\|[^|]*\| (\d+)/(\d+) \[[^,]*,[^,]*, loss=%s, acc=%s\]" % (N, N),
        "loss",
    ),
    "keras": (
        "{i}/100000 ━━━━━━━━━━━━━━━━━━━━ 1s 12ms/step - loss: {a:.4f} - mae: {b:.4f}\r",
        rb"(\d+)/(\d+) \S+ \S+ \S+ - loss: %s - mae: %s" % (N, N),
        "loss",
    ),
    "fairseq": (
        (
            '[2026-01-05 10:00:00,123][train_inner][INFO] - {{"epoch": 1, "loss": "{a:.3f}", "ppl":'
            ' "{b:.2f}", "num_updates": "{i}", "lr": "{l:.6g}"}}\n'
        ),
        rb'\[([-\d :,]+)\]\[train_inner\]\[INFO\] - \{"epoch": (\d+), "loss": "%s", "ppl": "%s",'
        rb' "num_updates": "(\d+)", "lr": "%s"\}' % (N, N, N),
        "loss",
    ),
    "lerobot": (
        (
            "INFO 2026-01-05 10:00:00 ot_train.py:357 step:{i} smpl:13K ep:40 epch:1.01 loss:{a:.3f}"
            " grdn:{b:.3f} lr:{l:.1e} updt_s:0.504 data_s:0.083\n"
        ),
        rb"INFO ([-\d :]+) \S+ step:(\d+) smpl:(\d+)K ep:(\d+) epch:%s loss:%s grdn:%s lr:%s"
        rb" updt_s:%s data_s:%s" % (N, N, N, N, N, N),
        "loss",
    ),
    "tables": (
        (
            "------------------------\n| grad_norm | {b:8.4f} |\n| loss      | {a:8.4f} |\n"
            "| step      | {i:8} |\n------------------------\n"
        ),
        rb"\| grad_norm \| +%s +\|\n\| loss      \| +%s +\|\n\| step      \| +(\d+) +\|" % (N, N),
        "loss",
    ),
    "yolox": (
        (
            "2026-01-05 10:00:00 | INFO     | yolox.core.trainer:258 - epoch: 1/300, iter: {i}/100000,"
            " mem: 7000Mb, iter_time: 0.3s, data_time: 0.01s, total_loss: {a:.1f}, iou_loss: {b:.1f},"
            " lr: {l:.3e}, size: 640, ETA: 3:00:00\n"
        ),
        rb"([-\d :]+) \| INFO +\| \S+ - epoch: (\d+)/(\d+), iter: (\d+)/(\d+), mem: (\d+)Mb,"
        rb" iter_time: %ss, data_time: %ss, total_loss: %s, iou_loss: %s, lr: %s, size: (\d+)"
        % (N, N, N, N, N),
        "total_loss",
    ),
    "mmengine": (
        (
            "2026/01/05 10:00:00 - mmengine - INFO - Epoch(train)  [1][{i:6}/100000]  lr: {l:.4e}  eta:"
            " 0:10:00  time: 0.3512  data_time: 0.0123  memory: 5687  loss: {a:.4f}  loss_cls: {b:.4f}\n"
        ),
        rb"([-/\d :]+) - mmengine - INFO - Epoch\(train\)  \[(\d+)\]\[ *(\d+)/(\d+)\]  lr: %s  eta:"
        rb" \S+  time: %s  data_time: %s  memory: (\d+)  loss: %s  loss_cls: %s" % (N, N, N, N, N),
        "loss",
    ),
    "detectron2": (
        (
            "[01/05 10:00:00 d2.utils.events]:  eta: 1:02:03  iter: {i}  total_loss: {a:.4f}  loss_cls:"
            " {b:.4f}  time: 0.3123  data_time: 0.0123  lr: {l:.6g}  max_mem: 1234M\n"
        ),
        rb"eta: \S+  iter: (\d+)  total_loss: %s  loss_cls: %s  time: %s  data_time: %s  lr: %s"
        rb"  max_mem: (\d+)M" % (N, N, N, N, N),
        "total_loss",
    ),
    "timm": (
        (
            "Train: 0 [{i:6}/100000 (  0%)]  Loss: {a:.3f} (6.94)  Time: 1.204s,  850.10/s  (1.204s,"
            "  850.10/s)  LR: {l:.3e}  Data: 0.100 (0.100)\n"
        ),
        rb"Train: (\d+) \[ *(\d+)/(\d+) [^\]]*\]  Loss: %s \S+  Time: %ss, [^)]*\)  LR: %s"
        rb"  Data: %s" % (N, N, N, N),
        "Loss",
    ),
    "imagenet": (
        (
            "Epoch: [0][{i:6}/100000]\tTime  0.312 ( 0.521)\tData  0.001 ( 0.101)\tLoss {a:.4e}"
            " (7.1000e+00)\tAcc@1   {b:.2f} (  0.10)\n"
        ),
        rb"Epoch: \[(\d+)\]\[ *(\d+)/(\d+)\]\tTime +%s \([^)]*\)\tData +%s \([^)]*\)\tLoss %s"
        rb" \([^)]*\)\tAcc@1 +%s" % (N, N, N, N),
        "Loss",
    ),
    "mnist": (
        "Train Epoch: 1 [{i}/100000 (1%)]\tLoss: {a:.6f}\n",
        rb"Train Epoch: (\d+) \[(\d+)/(\d+) \S+\tLoss: %s" % N,
        "Loss",
    ),
    "yolo": (
        "      {i}/100000      2.5G     {a:.4f}     {b:.4f}     1.1234         20        640: 100%\n",
        rb" +(\d+)/(\d+) +%sG +%s +%s +%s +(\d+) +(\d+):" % (N, N, N, N),
        "train/box_loss",
    ),
    "lightning": (
        "Epoch 0/9 ━━━━━━━━━━ {i}/100000 0:00:10 • 0:00:12 4.50it/s v_num: 0.000 train_loss: {a:.3f}\n",
        rb"Epoch (\d+)/(\d+) \S+ (\d+)/(\d+) \S+ \S+ \S+ \S+ v_num: \S+ train_loss: %s" % N,
        "train_loss",
    ),
    "generic": (
        "step {i}, train_loss={a:.4f}, acc={b:.4f}, lr={l:.3e}\n",
        rb"step (\d+), train_loss=%s, acc=%s, lr=%s" % (N, N, N),
        "train_loss",
    ),
}

HEADS = {"yolo": "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=100_000, help="lines of each log")
    parser.add_argument("--rounds", type=int, default=5, help="times each reading is done")
    parser.add_argument("templates", nargs="*", help="only these")
    options = parser.parse_args()
    print(f"{'template':16}{'MB':>6}{'regex s':>9}{'all s':>8}{'loss s':>8}{'all':>7}{'loss':>7}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name in options.templates or LOGS:
            worst = max(worst, compared(name, Path(folder), options.lines, options.rounds))
    print(f"worst ratio {worst:.2f}, to hold {BOUND:.0f}")


def compared(name: str, folder: Path, lines: int, rounds: int) -> float:
    """Print what a template costs, and return the ratio of reading all metrics."""
    form, expression, metric = LOGS[name]
    path = folder / f"{name}.log"
    rng = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADS.get(name, ""))
        for number in range(lines):
            told = {"a": rng.uniform(1, 9), "b": rng.uniform(10, 99), "c": rng.uniform(10, 60)}
            told |= {"t": rng.uniform(100, 999), "l": rng.uniform(1e-5, 9e-5)}
            file.write(form.format(i=number, e=number / 100, **told))
    pattern = re.compile(expression)
    data = path.read_bytes()
    assert len(pattern.findall(data)) == lines, name
    assert len(open_run(path).series([metric])[metric]) == lines, name
    costs = [
        (
            timed(lambda: pattern.findall(data)),
            timed(lambda: open_run(path).series()),
            timed(lambda: open_run(path).series([metric])),
        )
        for _ in range(rounds)
    ]
    base, every, one = (statistics.median(column) for column in zip(*costs, strict=True))
    whole = statistics.median(cost[1] / cost[0] for cost in costs)
    single = statistics.median(cost[2] / cost[0] for cost in costs)
    size = len(data) / 1e6
    print(f"{name:16}{size:6.1f}{base:9.3f}{every:8.3f}{one:8.3f}{whole:7.2f}{single:7.2f}")
    return whole


def timed(work: object) -> float:
    """Return the CPU seconds that a call takes."""
    begun = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - begun


if __name__ == "__main__":
    main()
