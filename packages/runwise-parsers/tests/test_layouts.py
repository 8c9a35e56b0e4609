"""Directories as real trackers leave them, several in one: each training is one run."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import find_runs, open_run

if TYPE_CHECKING:
    from pathlib import Path

STEPS = 12


def masked_crc(data: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def events(steps: int = STEPS) -> bytes:
    """Event files' bytes: a version, then a scalar ``loss`` a step."""
    clock = 1_700_000_000.0
    bodies = [struct.pack("<Bd", 9, clock) + b"\x1a\x0dbrain.Event:2"]
    for step in range(1, steps + 1):
        value = b"\x0a\x04loss\x15" + struct.pack("<f", 1 / step)
        summary = b"\x0a" + bytes([len(value)]) + value
        head = struct.pack("<BdBB", 9, clock + step, 16, step)
        bodies.append(head + b"\x2a" + bytes([len(summary)]) + summary)
    framed = b""
    for body in bodies:
        length = struct.pack("<Q", len(body))
        framed += length + masked_crc(length) + body + masked_crc(body)
    return framed


def table(header: str, row: str) -> str:
    return header + "\n" + "".join(row.format(s=step, v=1 / step) for step in range(1, STEPS + 1))


def lines(**more: object) -> str:
    rows = ({"step": step, "loss": 1 / step, **more} for step in range(1, STEPS + 1))
    return "".join(json.dumps(row) + "\n" for row in rows)


def trainer_state(*, rows: bool = True) -> str:
    history = [{"epoch": 1.0, "step": step, "loss": 1 / step} for step in range(1, STEPS + 1)]
    return json.dumps({
        "best_metric": None, "epoch": 1.0, "global_step": STEPS, "is_local_process_zero": True,
        "is_world_process_zero": True, "log_history": history if rows else [], "max_steps": STEPS,
    })  # fmt: skip


EVENTS = "events.out.tfevents.1700000000.host.1.0"
METRICS_JSON = "".join(
    json.dumps({"iteration": step, "total_loss": 1 / step, "lr": 0.1}) + "\n"
    for step in range(1, STEPS + 1)
)
LIGHTNING = table("epoch,step,train_loss,val_loss", "0,{s},{v},\n")
ULTRALYTICS = table("                  epoch,         train/box_loss", "{s:>23},{v:>23}\n")
SB3 = table("time/total_timesteps,train/loss", "{s},{v}\n")


@pytest.fixture
def lay(tmp_path):
    """Write files below a project, and return its runs as (id, source)."""

    def lay(files: dict[str, str | bytes]) -> list[tuple[str, str]]:
        for name, data in files.items():
            path: Path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return sorted((info.id, info.source) for info in find_runs(tmp_path))

    return lay


@pytest.mark.parametrize(
    ("files", "runs"),
    [
        (
            {"output/metrics.json": METRICS_JSON, f"output/{EVENTS}": events()},
            [("output", "detectron2")],
        ),
        (
            {
                "big/lightning_logs/version_0/metrics.csv": LIGHTNING,
                "big/lightning_logs/version_0/hparams.yaml": "lr: 0.1\n",
                f"big/lightning_logs/version_0/{EVENTS}": events(),
            },
            [("big", "tensorboard")],
        ),
        (
            {"ppo/progress.csv": SB3, f"ppo/{EVENTS}": events(), "ppo/log.txt": "| loss | 1 |\n"},
            [("ppo", "tensorboard")],
        ),
        (
            {
                "runs/detect/train/results.csv": ULTRALYTICS,
                "runs/detect/train/args.yaml": "epochs: 12\n",
                f"runs/detect/train/{EVENTS}": events(),
            },
            [("runs/detect/train", "tensorboard")],
        ),
        (
            {"bert/trainer_state.json": trainer_state(), "bert/trainer_log.jsonl": lines()},
            [("bert", "trainer_state")],
        ),
        (
            {"bert/trainer_state.json": trainer_state(), f"bert/{EVENTS}": events()},
            [("bert", "trainer_state")],
        ),
        (
            {"bert/trainer_state.json": trainer_state(rows=False), f"bert/{EVENTS}": events()},
            [("bert", "tensorboard")],
        ),
        (
            {"bert/trainer_state.json": trainer_state(), f"bert/runs/Dec01/{EVENTS}": events()},
            [("bert", "trainer_state"), ("bert/runs/Dec01", "tensorboard")],
        ),
        (
            {f"a/{EVENTS}": events(), f"b/{EVENTS}": events()},
            [("a", "tensorboard"), ("b", "tensorboard")],
        ),
        (
            {f"a/{EVENTS}": events(0), "a/metrics.csv": LIGHTNING},
            [("a", "csv")],
        ),
        (
            {f"a/{EVENTS}": events(), "a/lr1.jsonl": lines(), "a/lr2.jsonl": lines()},
            [("a", "tensorboard"), ("a/lr1", "jsonl"), ("a/lr2", "jsonl")],
        ),
        (
            {"rcnn/20240101_120000/vis_data/scalars.json": lines(iter=1, lr=0.1),
             f"rcnn/20240101_120000/vis_data/{EVENTS}": events()},
            [("rcnn/20240101_120000", "mm")],
        ),
    ],
)  # fmt: skip
def test_what_trackers_write_into_one_directory_is_one_run(lay, files, runs):
    assert lay(files) == runs


def test_a_wandb_run_directory_hides_what_other_trackers_write_into_it(
    lay, writer, save, tmp_path
):
    folder = save(writer().start().rows(3))
    near = folder.relative_to(tmp_path)
    files = {f"{near}/files/{EVENTS}": events(), f"{near}/files/metrics.csv": LIGHTNING}
    assert lay({**files, f"{near}/{EVENTS}": events()}) == [("abc12345", "wandb")]


def test_a_directory_of_two_writers_is_opened_as_it_is_listed(lay, tmp_path):
    ((called, source),) = lay({"det/metrics.json": METRICS_JSON, f"det/{EVENTS}": events()})
    run = open_run(tmp_path / "det")
    assert (run.info.id, run.info.source) == (called, source)
    assert open_run(tmp_path / "det" / EVENTS).info.source == "tensorboard"


def test_a_project_of_many_trackers_has_ids_a_person_would_type(lay, writer, save):
    save(writer().start().rows(3))
    runs = lay({
        "tb_runs/a/" + EVENTS: events(),
        "tb_runs/b/" + EVENTS: events(),
        "fit/lightning_logs/version_0/metrics.csv": LIGHTNING,
        "fit/lightning_logs/version_1/metrics.csv": LIGHTNING,
        "bert/checkpoint-12/trainer_state.json": trainer_state(),
        "det/output/metrics.json": METRICS_JSON,
        "yolo/runs/detect/train2/results.csv": ULTRALYTICS,
        "sweep/lr-0.1.jsonl": lines(),
        "sweep/lr-0.2.jsonl": lines(),
        "own/logs/metrics.jsonl": lines(),
    })  # fmt: skip
    assert [called for called, _ in runs] == [
        "abc12345",
        "bert",
        "det",
        "fit/lightning_logs/version_0",
        "fit/lightning_logs/version_1",
        "own",
        "sweep/lr-0.1",
        "sweep/lr-0.2",
        "tb_runs/a",
        "tb_runs/b",
        "yolo/runs/detect/train2",
    ]
