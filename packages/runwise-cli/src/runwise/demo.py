"""The example runs that come with runwise: real W&B logs, made by ``tools/fixtures``."""

from __future__ import annotations

import shutil
from pathlib import Path

from runwise.errors import BadSetting


def demo_root() -> Path:
    """Return the directory of the example runs."""
    return Path(__file__).parent / "demo_runs"


def copy_demo(target: Path) -> Path:
    """Copy the example runs below ``target`` and return it.

    Raises ``BadSetting`` where something is in the way.
    """
    if (target / "wandb").exists():
        raise BadSetting(f"{target / 'wandb'} is already there", "Name an empty directory.")
    try:
        shutil.copytree(demo_root(), target, dirs_exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"cannot write to {target}: {error}", "Name another directory."
        ) from error
    return target
