"""What real loops print today is read: tqdm, Lightning's bars, the dicts of Transformers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import open_run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.trackers

BARS = """
from tqdm import tqdm
for epoch in range(2):
    bar = tqdm(range(50), desc=f"Epoch {epoch + 1}/2", mininterval=0)
    for step in bar:
        bar.set_postfix(loss=1 / (50 * epoch + step + 1), acc=0.5)
"""
LIGHTNING = """
import lightning, torch
from lightning.pytorch.callbacks import TQDMProgressBar

class Line(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
    def training_step(self, batch, place):
        loss = self.layer(batch).square().mean()
        self.log("train_loss", 8.0 - place / 8, prog_bar=True)
        return loss
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.01)

data = torch.utils.data.DataLoader(torch.ones(40, 2), batch_size=4)
lightning.Trainer(max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False,
                  callbacks=[TQDMProgressBar(refresh_rate=1)]).fit(Line(), data)
"""
TRANSFORMERS = """
import torch
from transformers import Trainer, TrainingArguments

class Line(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
    def forward(self, x=None, labels=None):
        return {"loss": self.layer(x).square().mean()}

data = [{"x": torch.ones(2), "labels": torch.zeros(1)} for _ in range(32)]
told = TrainingArguments(output_dir="out", logging_steps=2, num_train_epochs=2, use_cpu=True,
                         per_device_train_batch_size=4, report_to=[], save_strategy="no")
trainer = Trainer(Line(), told, train_dataset=data)
trainer.train()
rows = [row for row in trainer.state.log_history if "loss" in row]
print("TRUTH", len(rows), flush=True)
"""


def printed(script: str, folder: Path) -> Path:
    """Run a script and keep all that it printed."""
    path = folder / "train.log"
    with path.open("wb") as file:
        command = [sys.executable, "-W", "ignore", "-c", script]
        subprocess.run(command, cwd=folder, stdout=file, stderr=file, check=True, timeout=300)
    return path


def test_the_bars_of_tqdm_are_read(tmp_path: Path) -> None:
    run = open_run(printed(BARS, tmp_path))
    losses = run.series(["loss"])["loss"]
    # What stands behind a bar was set a draw before: the last value stands at each end.
    assert losses.steps[-1] == 100
    assert losses.last == pytest.approx(1 / 100, abs=5e-4)
    assert run.info.total_steps == 100
    assert sorted(losses.steps) == list(losses.steps)


def test_the_bars_of_lightning_are_read(tmp_path: Path) -> None:
    run = open_run(printed(LIGHTNING, tmp_path))
    losses = run.series(["train_loss"])["train_loss"]
    assert (losses.values[0], losses.last) == (8.0, 6.88)  # printed with three digits
    assert losses.steps[-1] == 20


def test_the_dicts_of_transformers_are_read(tmp_path: Path) -> None:
    path = printed(TRANSFORMERS, tmp_path)
    run = open_run(path)
    count = int(path.read_text(encoding="utf-8").rpartition("TRUTH ")[2])
    losses = run.series(["loss"])["loss"]
    assert len(losses) == count == 8
    assert losses.steps[-1] == 2.0
    assert "train_runtime" in run.metrics()
