"""Small runs of many kinds, as their writers lay them out. Each maker adds the run of a number."""

from __future__ import annotations

import json
import shutil
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STEPS = 20


def wandb(root: Path, number: int) -> None:
    from runwise.demo import demo_root

    source = next(demo_root().glob("wandb/*healthy1/*.wandb"))
    folder = root / f"wandb/offline-run-20260101_{number:06}-id{number:06}"
    (folder / "files").mkdir(parents=True)
    shutil.copyfile(source, folder / f"run-id{number:06}.wandb")
    (folder / "files/output.log").write_text("step 1\n")
    (folder / "files/requirements.txt").write_text("torch\n")


def tensorboard(root: Path, number: int) -> None:
    folder = root / f"tb/run{number}"
    folder.mkdir(parents=True)
    data = b"".join(_records(number))
    (folder / f"events.out.tfevents.17000{number:05}.host.{number}.0").write_bytes(data)


def _records(number: int) -> Iterator[bytes]:
    clock = 1_700_000_000.0 + number
    yield _framed(struct.pack("<Bd", 9, clock) + b"\x1a\x0dbrain.Event:2")
    for step in range(1, STEPS):
        value = b"\x0a\x04loss\x15" + struct.pack("<f", 1 / step)
        summary = b"\x0a" + bytes([len(value)]) + value
        event = struct.pack("<BdBB", 9, clock + step, 16, step)
        yield _framed(event + b"\x2a" + bytes([len(summary)]) + summary)


def _framed(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    """Return TensorFlow's masked CRC-32C."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def lightning(root: Path, number: int) -> None:
    folder = root / f"model{number}/lightning_logs/version_0"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints/last.ckpt").write_bytes(b"PK")
    (folder / "hparams.yaml").write_text("lr: 0.1\n")
    rows = "".join(f"{step // 10},{step},{1 / (step + 1)},\n" for step in range(STEPS))
    (folder / "metrics.csv").write_text("epoch,step,train_loss,val_loss\n" + rows)


def keras(root: Path, number: int) -> None:
    folder = root / f"keras{number}"
    folder.mkdir(parents=True)
    rows = "".join(f"{epoch},0.5,{1 / (epoch + 1)}\n" for epoch in range(STEPS))
    (folder / "training.csv").write_text("epoch,accuracy,loss\n" + rows)


def trainer(root: Path, number: int) -> None:
    folder = root / f"bert{number}/checkpoint-{STEPS}"
    folder.mkdir(parents=True)
    history = [{"epoch": 0.1 * s, "step": s, "loss": 1 / s} for s in range(1, STEPS + 1)]
    state = {
        "best_metric": None, "epoch": 2.0, "global_step": STEPS, "is_local_process_zero": True,
        "is_world_process_zero": True, "log_history": history, "max_steps": 2 * STEPS,
    }  # fmt: skip
    (folder / "trainer_state.json").write_text(json.dumps(state, indent=2))
    (folder / "model.safetensors").write_bytes(b"\0")


def detectron(root: Path, number: int) -> None:
    folder = root / f"det{number}"
    folder.mkdir(parents=True)
    rows = (
        {"iteration": 20 * s + 19, "total_loss": 1 / (s + 1), "lr": 0.01} for s in range(STEPS)
    )
    (folder / "metrics.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "last_checkpoint").write_text("model_final.pth")


def jsonl(root: Path, number: int) -> None:
    folder = root / f"mine{number}"
    folder.mkdir(parents=True)
    rows = ({"step": step, "loss": 1 / (step + 1)} for step in range(STEPS))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def mmengine(root: Path, number: int) -> None:
    folder = root / f"mm{number}/20240101_{number:06}/vis_data"
    folder.mkdir(parents=True)
    rows = [{"lr": 0.1, "loss": 1 / s, "epoch": 1, "iter": s, "step": s} for s in range(1, STEPS)]
    rows.append({"coco/bbox_mAP": 0.25, "step": 1})
    (folder / "scalars.json").write_text("".join(json.dumps(row) + "\n" for row in rows))


def ranks(root: Path, number: int) -> None:
    folder = root / f"ranks{number}"
    folder.mkdir(parents=True)
    for rank in range(4):
        rows = ({"step": step, "loss": 1 / (step + 1 + rank)} for step in range(STEPS))
        path = folder / f"rank{rank}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def mirror(root: Path) -> None:
    """Keep a run as if it had been fetched from a server."""
    from runwise_parsers import RunInfo
    from runwise_parsers.mirror_log.keeping import Mirror

    with Mirror(root / "far") as kept:
        kept.append({"_step": step, "loss": 1 / (1 + step)} for step in range(STEPS))
        info = RunInfo("mirror", "far", state="finished", last_step=STEPS - 1)
        kept.write(info, {"lr": 0.1}, {}, {"next_step": STEPS})


MAKERS: tuple[Callable[[Path, int], None], ...] = (
    wandb, tensorboard, lightning, keras, trainer, detectron, mmengine, jsonl, ranks,
)  # fmt: skip
