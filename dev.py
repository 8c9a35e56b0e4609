#!/usr/bin/env python3
"""Set up this repository and run its tasks. Any Python from 3.10 on, and nothing else, is needed.

    python3 dev.py demo               runwise on five bundled training runs
    python3 dev.py test [...]         the tests; further words go to pytest
    python3 dev.py test --all [...]   also the tests that need the real trackers and peers
    python3 dev.py check              ruff, pyright, the import contracts, pins, shape
    python3 dev.py wheels [NAME ...]  build the packages, try each alone in an empty environment;
                                      --lowest: with the oldest dependencies they allow
    python3 dev.py setup              make or repair .venv and stop

The first command makes .venv; later ones use it and need no network.
"""

import sys

# Before anything a Python older than ours might not import or parse: say so in one line.
if sys.version_info < (3, 10):  # noqa: UP036 - the one place that meets an older Python
    sys.exit(
        "runwise needs Python 3.10 or newer, this is {}.{}.\n".format(*sys.version_info)
        + "Use another one, for example: python3.12 dev.py demo"
    )

from collections.abc import Callable
from pathlib import Path

from tools.environment import PYTHON, SCRIPTS, SetupError, run
from tools.setup import prepare

ALONE = ("-n", "-s", "--pdb", "--inline-snapshot", "--collect-only")
"""Words to pytest that mean one process, or say themselves how many."""
TOOLS = Path(__file__).resolve().parent / "tools"


def demo(words: list[str]) -> int:
    """Run runwise on its bundled runs."""
    prepare()
    return run(PYTHON, "-m", "runwise", "demo", *words)


def test(words: list[str]) -> int:
    """Run the tests on all cores; the real trackers only with --all, one after the other."""
    everything = "--all" in words
    prepare(("trackers", "peers") if everything else ())
    chosen = [] if everything else ["-m", "not trackers"]
    alone = everything or any(word.startswith(ALONE) for word in words)
    spread = [] if alone else ["-n", "auto", "--dist", "worksteal"]
    others = (word for word in words if word != "--all")
    return run(PYTHON, "-m", "pytest", *chosen, *spread, *others)


def check(_words: list[str]) -> int:
    """Run every check, also after one has failed, and name those that did."""
    prepare(("lint",))
    checks = {
        "ruff check": [SCRIPTS / "ruff", "check", "."],
        "ruff format": [SCRIPTS / "ruff", "format", "--check", "."],
        "pyright": [PYTHON, "-m", "pyright"],
        "import contracts": [SCRIPTS / "lint-imports"],
        "pins": [PYTHON, TOOLS / "check_pins.py"],
        "shape": [PYTHON, TOOLS / "check_shape.py"],
        "json docs": [PYTHON, TOOLS / "json_docs.py", "--check"],
    }
    failed = [name for name, command in checks.items() if run(*command) != 0]
    print("failed: " + ", ".join(failed) if failed else "all checks passed")
    return 1 if failed else 0


def wheels(words: list[str]) -> int:
    """Build every package and try it alone."""
    prepare(("release",))
    return run(PYTHON, TOOLS / "check_wheels.py", *words)


def setup(_words: list[str]) -> int:
    """Make or repair the environment, whatever its stamp says."""
    prepare(force=True)
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    command.__name__: command for command in (demo, test, check, wheels, setup)
}


def main(words: list[str]) -> int:
    """Run one command and return its exit code: the task's own, 1 for set-up, 2 for usage."""
    if not words or words[0] not in COMMANDS:
        asked = words[:1] in (["-h"], ["--help"])
        print(__doc__, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        return COMMANDS[words[0]](words[1:])
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
