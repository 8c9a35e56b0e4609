"""Build every package and try each one as a user would meet it: alone, from its wheel.

For each package: the source distribution and the wheel (made from it) pass `twine check
--strict`; the wheel goes into an empty environment, where nothing may stand beside it but what
`BRINGS` allows; it can be imported and run; then pytest and hypothesis join it, and the tests and
README of its source distribution and the doctests of the installed code pass there.

    python tools/check_wheels.py [--lowest] [NAME ...]

`--lowest` takes the oldest versions that each package says it works with.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
LEAVES = {"runwise-parsers", "runwise-sampling", "runwise-detect", "runwise-format"}
# What may be installed beside each package on Linux and macOS. None: the SDK brings its own.
BRINGS: dict[str, set[str] | None] = {
    "runwise-parsers": {"orjson", "pyyaml"},
    "runwise-sampling": {"orjson"},
    "runwise-detect": set(),
    "runwise-format": set(),
    "runwise-cli": {"click", "orjson", "platformdirs", "pyyaml", *LEAVES},
    "runwise-mcp": None,
}
SMOKE = {
    "runwise-cli": [["runwise", "--version"], ["runwise", "demo"]],
    "runwise-mcp": [["runwise-mcp", "--help"]],
}
TEST_TOOLS = ["pytest>=8.3", "hypothesis>=6.120"]


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command, return what it prints on stdout, and stop everything where it fails."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout)
        sys.exit(f"failed: {' '.join(str(word) for word in command)}")
    return done.stdout


def build(dist: Path) -> None:
    """Build all packages into a folder and check how an index would show them."""
    run("uv", "build", "--all-packages", "--quiet", "--out-dir", dist)
    files = sorted([*dist.glob("*.whl"), *dist.glob("*.tar.gz")])
    if len(files) != 2 * len(BRINGS):
        sys.exit(f"expected {2 * len(BRINGS)} distributions, not {[path.name for path in files]}")
    run(sys.executable, "-m", "twine", "check", "--strict", *files)


def try_alone(name: str, dist: Path, flags: list[str]) -> None:
    """Install one wheel into an empty environment and use it there."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        python, scripts = _environment(place / "env")
        install = ["uv", "pip", "install", "--quiet", "--python", python, *flags]
        wanted = _to_install(name, dist)
        run(*install, *wanted)
        beside = _installed(python)
        _check_company(name, set(beside))
        module = _module(name, dist)
        run(python, "-I", "-c", f"import {module}", cwd=place)
        for command, *words in SMOKE.get(name, []):
            run(scripts / command, *words, cwd=place)
        run(*install, *wanted, *TEST_TOOLS)
        closing = _test(name, module, python, dist, place)
    company = ", ".join(f"{one} {version}" for one, version in beside.items() if one != name)
    print(f"{name}: {closing}; beside it: {company or 'nothing'}", flush=True)


def _environment(env: Path) -> tuple[Path, Path]:
    run("uv", "venv", "--quiet", "--no-project", "--python", sys.executable, env)
    scripts = env / ("Scripts" if os.name == "nt" else "bin")
    return scripts / ("python.exe" if os.name == "nt" else "python"), scripts


def _wheel(name: str, dist: Path) -> Path:
    return next(dist.glob(f"{name.replace('-', '_')}-*.whl"))


def _requirements(name: str, dist: Path) -> list[str]:
    """Return what a wheel asks for, extras aside, as it says it."""
    with zipfile.ZipFile(_wheel(name, dist)) as wheel:
        path = next(one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
        metadata = wheel.read(path).decode()
    return re.findall(r"^Requires-Dist: ((?!.*extra ==).+)$", metadata, re.MULTILINE)


def _with_siblings(name: str, dist: Path) -> set[str]:
    """Return a package and the packages of this workspace it stands on."""
    asked = (re.match(r"[\w-]+", one) for one in _requirements(name, dist))
    below = {found[0] for found in asked if found and found[0] in BRINGS}
    return {name}.union(*(_with_siblings(one, dist) for one in below))


def _to_install(name: str, dist: Path) -> list[str | Path]:
    """Return the wheels of a package and its siblings, and what they ask for.

    The latter is implied, but only what is named here does `lowest-direct` lower.
    """
    names = sorted(_with_siblings(name, dist))
    asked = {one for each in names for one in _requirements(each, dist)}
    others = sorted(one for one in asked if not one.startswith("runwise-"))
    return [*(_wheel(each, dist) for each in names), *others]


def _module(name: str, dist: Path) -> str:
    with zipfile.ZipFile(_wheel(name, dist)) as wheel:
        return next(one.split("/")[0] for one in wheel.namelist() if one.endswith("/py.typed"))


def _installed(python: Path) -> dict[str, str]:
    listed = json.loads(run("uv", "pip", "list", "--quiet", "--python", python, "--format=json"))
    return {one["name"].lower(): one["version"] for one in listed}


def _check_company(name: str, installed: set[str]) -> None:
    allowed = BRINGS[name]
    if allowed is None:
        return
    platform = {"colorama"} if os.name == "nt" else set[str]()  # click's, on Windows only
    if installed - platform != allowed | {name}:
        sys.exit(f"{name} brings {sorted(installed - {name})}, not {sorted(allowed)}")


def _test(name: str, module: str, python: Path, dist: Path, place: Path) -> str:
    """Run what the source distribution carries against the wheel; return pytest's last line."""
    shutil.unpack_archive(next(dist.glob(f"{name.replace('-', '_')}-*.tar.gz")), place)
    unpacked = next(place.glob(f"{name.replace('-', '_')}-*"))
    shutil.rmtree(unpacked / "src")  # the wheel is under test, not the code beside the tests
    config = ["-c", ROOT / "pyproject.toml", "--rootdir", unpacked, "-p", "no:cacheprovider"]
    pytest = [python, "-m", "pytest", "-q", "-m", "not trackers", *config]
    # Each needs a framework that nothing brings; the tests of the house try them.
    pytest += ["--ignore-glob=/*/callbacks/[!_r]*.py"]
    printed = run(*pytest, "tests", "README.md", "--pyargs", module, cwd=unpacked)
    return printed.strip().splitlines()[-1]


def main(words: list[str]) -> int:
    """Build all, then try the packages that are named, or all."""
    lowest = "--lowest" in words
    names = [word for word in words if word != "--lowest"] or list(BRINGS)
    if unknown := set(names) - set(BRINGS):
        sys.exit(f"no package {', '.join(sorted(unknown))}; there are {', '.join(BRINGS)}")
    with TemporaryDirectory() as folder:
        build(Path(folder))
        for name in names:
            try_alone(name, Path(folder), ["--resolution", "lowest-direct"] if lowest else [])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
