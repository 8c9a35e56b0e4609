"""Hyperparameters that stand in a file beside a table of metrics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from runwise_parsers.gap import Gap, unreadable
from runwise_parsers.values import loads
from runwise_parsers.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path

BESIDE = {
    "hparams.yaml": "",  # Lightning
    "args.yaml": "",  # ultralytics
    "opt.yaml": "",  # YOLOv5 and v7: options, and hyperparameters apart from them
    "hyp.yaml": "hyp",
    "params.json": "",  # RLlib
}
"""Names of such files, and the key their content is put under."""
_LARGEST = 1 << 22
_EPOCHS = re.compile(rb"^epochs:[ \t]*(\d+)[ \t]*(?:#.*)?\r?$", re.MULTILINE)


def config_beside(folder: Path) -> tuple[dict[str, object], list[Gap]]:
    """Return the hyperparameters in a directory, and which of its files could not be read."""
    config: dict[str, object] = {}
    gaps: list[Gap] = []
    for name, key in BESIDE.items():
        try:
            value = _value_of(folder / name)
        except FileNotFoundError:
            continue
        except OSError as error:
            gaps.append(unreadable(name, error))
            continue
        except ValueError as error:
            gaps.append(Gap(name, str(error), "The metrics were read all the same."))
            continue
        if isinstance(value, dict):
            found = cast("dict[str, object]", value)
            config |= {key: found} if key and found else found
    return config, gaps


def _value_of(path: Path) -> object:
    with path.open("rb") as file:
        data = file.read(_LARGEST)
    if path.suffix == ".json":
        return _plain(loads(data))
    return _plain(load_yaml(data.decode("utf-8", "replace")))


def _plain(value: object, met: dict[int, object] | None = None) -> object:
    """Return a value as mappings with texts for keys, lists, numbers and texts.

    YAML lets a value stand in several places, itself included: it is made plain once.
    """
    met = {} if met is None else met
    place = id(value)
    if not isinstance(value, (dict, list, tuple, set)):
        return value if isinstance(value, (str, int, float, type(None))) else str(value)
    if place not in met:
        met[place] = "..."
        if isinstance(value, dict):
            pairs = cast("dict[object, object]", value).items()
            met[place] = {str(key): _plain(inner, met) for key, inner in pairs}
        else:
            met[place] = [_plain(inner, met) for inner in cast("list[object]", value)]
    return met[place]


def epochs_beside(folder: Path) -> int | None:
    """Return how many epochs a YOLO training means to run, without a YAML parser."""
    for name in ("args.yaml", "opt.yaml"):
        try:
            with (folder / name).open("rb") as file:
                found = _EPOCHS.search(file.read(_LARGEST))
        except OSError:
            continue
        if found:
            return int(found[1])
    return None
