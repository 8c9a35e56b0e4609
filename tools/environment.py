"""The `.venv` of this repository: where it is, and how commands run in it.

Standard library only, like everything that dev.py imports.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")

# Set by other tools for other Pythons: they would put foreign modules or targets into ours.
FOREIGN = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_PREFIX", "PIP_ROOT", "PIP_TARGET"}


class SetupError(Exception):
    """Says what could not be set up and, on the next line, what to do about it."""


def variables() -> dict[str, str]:
    """Return the environment variables under which everything here runs."""
    kept = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    return kept | {
        "PATH": os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", "")]),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_USER": "0",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def run(*command: str | Path, cwd: Path = ROOT) -> int:
    """Run a command in the environment and return its exit code, 128 + n after signal n."""
    code = subprocess.run(command, cwd=cwd, env=variables(), check=False).returncode
    return code if code >= 0 else 128 - code


def say(text: str) -> None:
    """Tell the person waiting what is happening, on stderr."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def succeeds(*command: str | Path) -> bool:
    """Run a command with its output on stderr."""
    done = subprocess.run(command, cwd=ROOT, env=variables(), stdout=sys.stderr, check=False)
    return done.returncode == 0


def answer(*command: str | Path) -> str:
    """Return what a command prints, empty where it fails or is not there."""
    try:
        done = subprocess.run(
            command,
            env=variables(),
            capture_output=True,
            text=True,
            errors="replace",
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def working_version() -> str:
    """Return the full version of the Python in `.venv`, empty where none of ours works."""
    text = answer(PYTHON, "-c", "import sys; print(list(sys.version_info[:2]), sys.version)")
    found = re.match(r"\[(\d+), (\d+)\]", text)
    return text if found and (int(found[1]), int(found[2])) >= (3, 10) else ""
