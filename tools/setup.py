"""Bring `.venv` to what `uv.lock` names, or see at once that it is there already.

A stamp holds a digest of everything that decides what `.venv` should hold; where it fits,
`prepare` costs one start of Python and needs no network.

The dependencies come from the addresses in `uv.lock` (`uv sync`), or by pip, with the same
versions and hashes, where pip is configured for an index of its own or the addresses cannot be
reached: pip knows its index, certificates and passwords, and a mirror is not in `uv.lock`.
"""

from __future__ import annotations

import hashlib
import json
import re

from tools.bootstrap import UV, give_pip, give_uv, make_venv
from tools.environment import (
    PYTHON,
    ROOT,
    SCRIPTS,
    VENV,
    SetupError,
    answer,
    say,
    succeeds,
    working_version,
)

_STAMP = VENV / "runwise-setup.json"


def prepare(groups: tuple[str, ...] = (), *, force: bool = False) -> None:
    """Make `.venv` hold the house and its dependencies.

    Args:
        groups: dependency groups of the root pyproject.toml beside the default ones.
        force: synchronise even where the stamp fits.

    Raises:
        SetupError: where a step cannot be done; `.venv` may be half made, a second call resumes.
    """
    version = working_version()
    if version and not force and _is_stamped(version, groups):
        return
    if not version:
        make_venv()
    give_pip()
    give_uv()
    _synchronise(groups)
    _stamp(working_version(), groups)


def _synchronise(groups: tuple[str, ...]) -> None:
    wanted = [word for group in groups for word in ("--group", group)]
    say("installing what uv.lock names")
    if _pip_has_its_own_index():
        synchronised = _pip_sync(wanted)
    else:
        synchronised = _uv_sync(wanted) or _pip_sync(wanted)
    if not synchronised:
        raise SetupError(
            "the dependencies could not be installed, see above\n"
            "Check the network, or name an index it can reach in PIP_INDEX_URL."
        )


def _pip_has_its_own_index() -> bool:
    """Tell whether pip is told to look elsewhere, or nowhere but in a folder of wheels."""
    settings = answer(PYTHON, "-m", "pip", "config", "list")
    return bool(
        re.search(r"^(global|install|:env:)\.(index-url|no-index)='.", settings, re.MULTILINE)
    )


def _uv_sync(wanted: list[str]) -> bool:
    flags = ["--frozen", "--inexact", "--no-python-downloads", "--compile-bytecode", "--quiet"]
    return succeeds(SCRIPTS / "uv", "sync", *flags, "--python", PYTHON, *wanted)


def _pip_sync(wanted: list[str]) -> bool:
    """Install the locked versions by pip, which knows its index, certificates and passwords."""
    say("with pip, from the index it is configured for")
    locked = VENV / "locked.txt"
    flags = ["--frozen", "--no-emit-workspace", "--quiet", "--python", PYTHON]
    packages = [
        f"--editable={path.parent}" for path in sorted(ROOT.glob("packages/*/pyproject.toml"))
    ]
    pip = [PYTHON, "-m", "pip", "install", "-qq"]
    return (
        succeeds(SCRIPTS / "uv", "export", *flags, *wanted, "--output-file", locked)
        and succeeds(*pip, "--require-hashes", "--requirement", locked)
        and succeeds(*pip, "--no-deps", *packages)
    )


def _inputs(version: str) -> str:
    """Return a digest of everything that decides what `.venv` should hold."""
    files = [ROOT / "uv.lock", ROOT / "pyproject.toml", *ROOT.glob("packages/*/pyproject.toml")]
    digest = hashlib.sha256(f"{ROOT} {UV} {version}".encode())
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_stamped(version: str, groups: tuple[str, ...]) -> bool:
    try:
        stamp = json.loads(_STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return stamp["inputs"] == _inputs(version) and set(groups) <= set(stamp["groups"])


def _stamp(version: str, groups: tuple[str, ...]) -> None:
    inputs = _inputs(version)
    held = set(groups)
    if _STAMP.is_file():
        before = json.loads(_STAMP.read_text(encoding="utf-8"))
        held |= set(before["groups"]) if before["inputs"] == inputs else set()
    _STAMP.write_text(json.dumps({"inputs": inputs, "groups": sorted(held)}), encoding="utf-8")
