"""An empty `.venv`, pip in it and the pinned uv, on machines that each lack something else.

pip comes from ensurepip (a package of its own on Debian: python3-venv), from the pip of the
calling Python, or from the address that `uv.lock` keeps, checked against its hash. uv comes from
the index that pip is configured for.
"""

from __future__ import annotations

import hashlib
import re
import sys
import urllib.request

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

UV = "0.13.8"

_NO_VENV = """\
Install what is missing, then run the command again:
  Debian, Ubuntu   sudo apt install python3-venv ca-certificates
  Fedora, RHEL     sudo dnf install python3 python3-pip
  Alpine           apk add python3 py3-pip
or use another Python: /path/to/python3.12 dev.py ..."""


def make_venv() -> None:
    if VENV.exists() and any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").is_file():
        raise SetupError(f"{VENV} is there and is not a virtual environment\nMove it away.")
    say(f"making .venv with Python {sys.version.split()[0]} ({sys.executable})")
    # Without pip, because with it venv fails where ensurepip is a package of its own.
    made = succeeds(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
    if not made or not working_version():
        raise SetupError(f"{sys.executable} cannot make a virtual environment\n{_NO_VENV}")


def give_pip() -> None:
    for way in (lambda: None, _pip_from_ensurepip, _pip_from_caller, _pip_from_lock):
        way()
        if answer(PYTHON, "-m", "pip", "--version"):
            return
    raise SetupError(f"there is no pip for {PYTHON}\n{_NO_VENV}")


def _pip_from_ensurepip() -> None:
    answer(PYTHON, "-m", "ensurepip", "--default-pip")


def _pip_from_caller() -> None:
    say("this Python has no ensurepip; asking its own pip")
    where = answer(PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    answer(sys.executable, "-m", "pip", "install", "--target", where, "pip")


def _pip_from_lock() -> None:
    say("this Python has no pip either; fetching the one that uv.lock names")
    url, digest = locked_pip((ROOT / "uv.lock").read_text(encoding="utf-8"))
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            content = response.read()
    except OSError as error:
        raise SetupError(f"{url} cannot be read: {error}\n{_NO_VENV}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise SetupError(f"{url} is not the file that uv.lock names\nTry another network.")
    wheel = VENV / url.rpartition("/")[2]
    wheel.write_bytes(content)
    answer(PYTHON, wheel / "pip", "install", "--no-index", wheel)
    wheel.unlink()


def locked_pip(lock: str) -> tuple[str, str]:
    """Return the address and the SHA-256 (hexadecimal) of pip's wheel in the text of a uv.lock.

    By a pattern, because Python 3.10 cannot read TOML.
    """
    package = lock.partition('[[package]]\nname = "pip"\n')[2].partition("[[package]]")[0]
    found = re.search(r'url = "([^"]+\.whl)", hash = "sha256:([0-9a-f]{64})"', package)
    if not found:
        raise SetupError("uv.lock does not name a wheel of pip\nRestore uv.lock from git.")
    return found[1], found[2]


def give_uv() -> None:
    if answer(SCRIPTS / "uv", "--version").split()[1:2] == [UV]:
        return
    say(f"installing uv {UV}")
    if not succeeds(PYTHON, "-m", "pip", "install", "-qq", f"uv=={UV}"):
        raise SetupError(
            f"pip could not install uv {UV}, see above\n"
            "Check the network, or name an index it can reach in PIP_INDEX_URL."
        )
