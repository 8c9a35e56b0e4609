"""What a Trainer leaves beside its state: results by ``save_metrics``, what model it was.

all_results.json, train_results.json, eval_results.json     {"eval_loss": 0.5, ...}
config.json            of the model: {"model_type": "gpt2", "_name_or_path": "gpt2", ...}
adapter_config.json    of PEFT: {"base_model_name_or_path": ..., "r": 8, "lora_alpha": 16, ...}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.values import loads

if TYPE_CHECKING:
    from pathlib import Path

_RESULTS = ("train_results.json", "eval_results.json", "all_results.json")
_MODEL = ("_name_or_path", "model_type", "architectures")
_ADAPTER = ("base_model_name_or_path", "peft_type", "r", "lora_alpha", "lora_dropout")
_LARGEST = 1 << 20


def results_in(folder: Path) -> dict[str, object]:
    """Return the results that were saved when a training, or an evaluation, was done."""
    results: dict[str, object] = {}
    for name in _RESULTS:
        found = _object_in(folder / name)
        results |= {
            key: value for key, value in found.items() if isinstance(value, (int, float, str))
        }
    return results


def model_in(folders: list[Path]) -> dict[str, object]:
    """Return what model was trained, and how it was adapted, as far as files beside it say."""
    found: dict[str, object] = {}
    for folder in folders:
        model = _object_in(folder / "config.json")
        if "model_type" in model or "architectures" in model:
            found.setdefault("model", {key: model[key] for key in _MODEL if key in model})
        adapter = _object_in(folder / "adapter_config.json")
        if "peft_type" in adapter:
            found.setdefault("adapter", {key: adapter[key] for key in _ADAPTER if key in adapter})
    return found


def _object_in(path: Path) -> dict[str, object]:
    """Return the JSON object in a small file, nothing if there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        value = loads(data) if len(data) <= _LARGEST else None
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
