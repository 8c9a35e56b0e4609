"""The callbacks inside the real frameworks: a tiny model, one NaN and one spike."""

from __future__ import annotations

import logging
import math

import pytest

from runwise_detect import Monitor

pytestmark = [
    pytest.mark.trackers,
    pytest.mark.filterwarnings("ignore"),  # the frameworks warn about one another
]

STEPS, SPIKE, NAN = 120, 70, 100


def factor(step):
    """What the loss of a step is multiplied by: a spike, and later a NaN."""
    return math.nan if step == NAN else 60.0 if step == SPIKE else 1.0


def places(findings):
    wanted = ("loss_spike", "non_finite")
    return [(f.kind, f.onset_step) for f in findings if f.kind in wanted and f.metric == "loss"]


@pytest.fixture
def torch():
    module = pytest.importorskip("torch")
    module.manual_seed(0)
    return module


@pytest.fixture
def model(torch):
    return torch.nn.Linear(4, 1)


@pytest.fixture
def batches(torch):
    x = torch.randn(STEPS, 16, 4)
    return x, x.sum(-1, keepdim=True) + 0.1 * torch.randn(STEPS, 16, 1)


def test_a_plain_loop_reports_both(torch, model, batches):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    monitor, found = Monitor(), []
    for step, (x, y) in enumerate(zip(*batches, strict=True)):
        loss = torch.nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found += monitor.update(step, {"loss": loss.item() * factor(step)})
    assert places(found) == [("loss_spike", SPIKE), ("non_finite", NAN)]


def lightning_run(torch, model, batches, callback, max_steps=STEPS):
    lightning = pytest.importorskip("lightning.pytorch")

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = model

        def training_step(self, batch, index):
            x, y = batch
            loss = torch.nn.functional.mse_loss(self.model(x), y)
            self.log("train_loss", loss)
            # The gradient stays finite, so that only the number told is bad.
            return {"loss": loss + (loss * factor(index)).detach() - loss.detach()}

        def validation_step(self, batch, index):
            x, y = batch
            self.log("val_loss", torch.nn.functional.mse_loss(self.model(x), y))

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.01)

    data = torch.utils.data.TensorDataset(*(part.flatten(0, 1) for part in batches))
    loader = torch.utils.data.DataLoader(data, batch_size=16)
    trainer = lightning.Trainer(
        max_steps=max_steps,
        callbacks=[callback],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
    )
    trainer.fit(Module(), loader, loader)
    return trainer


def test_lightning_reports_both(torch, model, batches):
    callbacks = pytest.importorskip("runwise_detect.callbacks.lightning")
    found = []
    callback = callbacks.RunwiseCallback(found.append)
    lightning_run(torch, model, batches, callback)
    assert places(found) == [("loss_spike", SPIKE), ("non_finite", NAN)]
    assert callback.diagnosis.health < 70
    assert "val_loss" in callback.diagnosis.watched


def test_lightning_stops_at_what_is_critical(torch, model, batches, caplog):
    callbacks = pytest.importorskip("runwise_detect.callbacks.lightning")
    callback = callbacks.RunwiseCallback("stop", at="critical")
    with caplog.at_level(logging.INFO, "runwise_detect"):
        trainer = lightning_run(torch, model, batches, callback)
    assert trainer.global_step == NAN + 1
    said = [record for record in caplog.records if record.name == "runwise_detect"]
    assert [record.levelname for record in said] == ["ERROR"]
    assert "non_finite of loss at step 100" in said[0].getMessage()


def transformers_run(torch, model, batches, callback, folder):
    transformers = pytest.importorskip("transformers")

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model
            self.seen = 0

        def forward(self, x, labels):
            loss = torch.nn.functional.mse_loss(self.model(x), labels)
            told = loss + (loss * factor(self.seen)).detach() - loss.detach()
            self.seen += 1
            return {"loss": told}

    rows = [
        {"x": x, "labels": y}
        for x, y in zip(*(part.flatten(0, 1) for part in batches), strict=True)
    ]
    arguments = transformers.TrainingArguments(
        output_dir=str(folder),
        max_steps=STEPS,
        per_device_train_batch_size=16,
        learning_rate=0.01,
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        use_cpu=True,
    )
    trainer = transformers.Trainer(
        model=Module(), args=arguments, train_dataset=rows, callbacks=[callback]
    )
    trainer.train()
    return trainer


def test_transformers_reports_both(torch, model, batches, tmp_path):
    callbacks = pytest.importorskip("runwise_detect.callbacks.transformers")
    found = []
    callback = callbacks.RunwiseCallback(found.append)
    transformers_run(torch, model, batches, callback, tmp_path)
    # The trainer counts from 1.
    assert places(found) == [("loss_spike", SPIKE + 1), ("non_finite", NAN + 1)]
    assert callback.diagnosis.health < 70


def test_transformers_stops_at_what_is_critical(torch, model, batches, tmp_path):
    callbacks = pytest.importorskip("runwise_detect.callbacks.transformers")
    callback = callbacks.RunwiseCallback("stop", at="critical")
    trainer = transformers_run(torch, model, batches, callback, tmp_path)
    assert trainer.state.global_step == NAN + 1


def keras_run(monkeypatch, torch, batches, callback):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.seen = 0

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = torch.nn.functional.mse_loss(y_pred, y)
            if not training or not torch.is_grad_enabled():
                return loss
            told = loss + (loss * factor(self.seen)).detach() - loss.detach()
            self.seen += 1
            return told

    x, y = (part.flatten(0, 1).numpy() for part in batches)
    model = Model()
    model.compile(optimizer=keras.optimizers.SGD(0.01), run_eagerly=True)
    model.fit(
        x,
        y,
        batch_size=16,
        epochs=1,
        shuffle=False,
        verbose=0,
        callbacks=[callback],
        validation_data=(x[:64], y[:64]),
    )
    return model


def test_keras_reports_both(monkeypatch, torch, batches):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    callbacks = pytest.importorskip("runwise_detect.callbacks.keras")
    found = []
    callback = callbacks.RunwiseCallback(found.append)
    keras_run(monkeypatch, torch, batches, callback)
    assert places(found) == [("loss_spike", SPIKE), ("non_finite", NAN)]
    assert callback.diagnosis.health < 70
    assert "val_loss" in callback.diagnosis.watched


def test_keras_stops_at_what_is_critical(monkeypatch, torch, batches):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    callbacks = pytest.importorskip("runwise_detect.callbacks.keras")
    callback = callbacks.RunwiseCallback("stop", at="critical")
    model = keras_run(monkeypatch, torch, batches, callback)
    assert model.seen == NAN + 1


def test_a_failure_inside_runwise_does_not_stop_training(torch, model, batches, caplog):
    callbacks = pytest.importorskip("runwise_detect.callbacks.lightning")

    class Broken(Monitor):
        def update(self, step, metrics, *, time=None):
            if step == 20:
                raise RuntimeError("a bug")
            return super().update(step, metrics, time=time)

    callback = callbacks.RunwiseCallback("stop", at="info", monitor=Broken())
    trainer = lightning_run(torch, model, batches, callback, max_steps=40)
    assert trainer.global_step == 40
    assert "no longer watches" in caplog.text
