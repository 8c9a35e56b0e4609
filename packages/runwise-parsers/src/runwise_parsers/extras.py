"""Extras: what else may have to be installed, and the very command that does it."""

from __future__ import annotations

from importlib.util import find_spec

from runwise_parsers.remote import RemoteError

BRINGS = {"wandb": ("wandb",), "remote": ("fsspec",), "plot": ("matplotlib",)}
"""By extra, the modules by which it is known to be there."""


def install_command(extra: str, distribution: str = "runwise-cli") -> str:
    """Return the command that brings an extra.

    >>> install_command("wandb")
    "pip install 'runwise-cli[wandb]'"
    """
    return f"pip install '{distribution}[{extra}]'"


def is_installed(extra: str) -> bool:
    """Say whether what an extra brings is there, without importing it."""
    try:
        modules = BRINGS.get(extra, (extra.partition(".")[0],))
        return all(find_spec(module) is not None for module in modules)
    except (ImportError, ValueError):
        return False


def missing(extra: str, what: str) -> RemoteError:
    """Return the error that answers a question for which an extra is needed and missing.

    >>> print(missing("wandb", "runs of W&B's cloud"))
    runs of W&B's cloud need the extra [wandb], which is not installed
    Run: pip install 'runwise-cli[wandb]'
    """
    needs = f"{what} need the extra [{extra}], which is not installed"
    return RemoteError(needs, f"Run: {install_command(extra)}")
