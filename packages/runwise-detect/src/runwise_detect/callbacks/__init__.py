"""Callbacks: the monitor inside training frameworks, one file each.

    from runwise_detect.callbacks.lightning import RunwiseCallback      # PyTorch Lightning
    from runwise_detect.callbacks.transformers import RunwiseCallback   # Hugging Face Trainer
    from runwise_detect.callbacks.keras import RunwiseCallback          # Keras 3

    RunwiseCallback()                              # logs findings of severity warning and above
    RunwiseCallback(do="stop", at="critical")      # stops training at the first critical one
    RunwiseCallback(do=lambda finding: send(str(finding)))

A framework is imported by its own file only. No failure inside runwise ends a training run
(`runwise_detect.callbacks.reaction`). A loop in plain PyTorch needs no callback:

    monitor = Monitor()
    for step, batch in enumerate(batches):
        loss = train(batch)
        for finding in monitor.update(step, {"loss": loss.item()}):
            print(finding)
"""
