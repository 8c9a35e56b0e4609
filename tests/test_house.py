"""The rules of the house, where a machine can hold them."""

from __future__ import annotations

import getpass
import importlib
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
MODULES = sorted(path.parent.name for path in ROOT.glob("packages/*/src/*/py.typed"))
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "AGENTS.md"]
TEXT = {".py", ".md", ".toml", ".lock", ".yml", ".typed", ""}

# Said in two halves, so that this file passes its own test.
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "anaconda" + ".org"]
MACHINE_PATHS = ["/ro" + "ot/", "/wo" + "rk/"]
# The user and host that fixtures are made under are called runwise and demo.
LEAKS = [
    rb"/(root|work|tmp|private|var/folders)/\w",
    rb"(/home/|/Users/|[A-Z]:\\Users\\)(?!runwise\b)\w",
    rb"\b(?!git@)[\w.+-]{2,}@(?!example\.|localhost)[\w-]+\.[a-z]{2,}",
    rb"\b(sk-[A-Za-z0-9]{16,}|hf_[A-Za-z]{16,}|gh[pousr]_[A-Za-z0-9]{16,}|AKIA[A-Z0-9]{16})\b",
]


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def files_of_the_repository() -> list[Path]:
    """Everything git tracks or would add."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"]
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = run(*command)
    assert listed.returncode == 0, listed.stderr
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def is_fixture(path: Path) -> bool:
    return path.suffix not in TEXT


def house_copy(target: Path) -> Path:
    """The packages without their code: what check_pins.py reads."""
    ignored = shutil.ignore_patterns("*.py", "tests", "__pycache__", "fixtures", "data")
    shutil.copytree(ROOT / "packages", target / "packages", ignore=ignored)
    shutil.copy(ROOT / "LICENSE", target)
    return target


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- architecture ---


def test_the_import_contracts_hold() -> None:
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_logo=True))"
    )
    done = run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_a_package_root_offers_at_most_eight_names_and_all_exist(module: str) -> None:
    root = importlib.import_module(module)
    assert 1 <= len(root.__all__) <= 8
    assert all(hasattr(root, name) for name in root.__all__)


def test_the_code_keeps_its_shape() -> None:
    done = run(sys.executable, "tools/check_shape.py")
    assert done.returncode == 0, done.stdout


def test_a_long_file_a_long_function_and_a_blind_except_are_reported(tmp_path: Path) -> None:
    long = "def long():\n" + "    pass\n" * 60 + "\n" * 300
    blind = "try:\n    pass\nexcept (OSError, Exception):\n    pass\n"
    guarded = "try:\n    pass\nexcept Exception:  # a plugin may raise anything\n    pass\n"
    (tmp_path / "tools").mkdir()
    for name, text in {"long": long, "blind": blind, "guarded": guarded}.items():
        (tmp_path / "tools" / f"{name}.py").write_text(text, encoding="utf-8")
    done = run(sys.executable, "tools/check_shape.py", tmp_path)
    assert done.returncode == 1
    assert "long.py: 361 lines" in done.stdout
    assert "long.py:1: long has 61 lines" in done.stdout
    assert "blind.py:3: a blind except" in done.stdout
    assert "guarded.py" not in done.stdout


# --- packages ---


def test_pins_and_package_files_are_in_order() -> None:
    done = run(sys.executable, "tools/check_pins.py")
    assert done.returncode == 0, done.stdout


def test_a_pin_that_shuts_out_the_present_version_is_reported(tmp_path: Path) -> None:
    root = house_copy(tmp_path)
    parsers = root / "packages/runwise-parsers"
    replace(parsers / "pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    done = run(sys.executable, "tools/check_pins.py", root)
    assert done.returncode == 1
    assert "does not admit runwise-parsers 0.2.0" in done.stdout
    assert "runwise-parsers: CHANGELOG.md has no entry ## [0.2.0]" in done.stdout


def test_an_open_pin_and_a_missing_file_are_reported(tmp_path: Path) -> None:
    root = house_copy(tmp_path)
    cli = root / "packages/runwise-cli"
    replace(cli / "pyproject.toml", "runwise-detect>=0.1.0,<0.2.0", "runwise-detect>=0.1.0")
    next(root.glob("packages/runwise-format/src/*/py.typed")).unlink()
    done = run(sys.executable, "tools/check_pins.py", root)
    assert "runwise-cli: runwise-detect>=0.1.0 is not of the form" in done.stdout
    assert "runwise-format: there is no py.typed" in done.stdout


# --- documents and commands ---


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python3 dev.py test"
    assert f"\n{command}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()[-1]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_commands_that_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    known = run(sys.executable, "dev.py", "--help").stdout
    for command in re.findall(r"python3 dev\.py (\w+)", text):
        assert f"python3 dev.py {command} " in known


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_links_of_a_document_lead_somewhere(document: str) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", (ROOT / document).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_pip_line_of_the_readme_names_the_command_and_all_it_stands_on() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    line = next(line for line in readme.splitlines() if "pip install ./packages/" in line)
    metadata = (ROOT / "packages/runwise-cli/pyproject.toml").read_text(encoding="utf-8")
    needed = {"runwise-cli", *re.findall(r'"(runwise-[a-z]+)>=', metadata)}
    assert set(re.findall(r"\./packages/([\w-]+)", line)) == needed


@pytest.mark.parametrize("package", PACKAGES)
def test_the_readme_and_the_architecture_page_name_every_package(package: str) -> None:
    assert package in (ROOT / "README.md").read_text(encoding="utf-8")
    assert package in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_an_unknown_command_is_answered_with_the_known_ones() -> None:
    done = run(sys.executable, "dev.py", "tset")
    assert (done.returncode, done.stdout) == (2, "")
    assert "python3 dev.py test" in done.stderr


def test_a_machine_without_pip_finds_one_in_the_lock() -> None:
    code = "from tools.bootstrap import locked_pip; print(*locked_pip(open('uv.lock').read()))"
    address, digest = run(sys.executable, "-c", code).stdout.split()
    assert re.search(r"/pip-\d[\d.]*-py3-none-any\.whl$", address)
    assert re.fullmatch(r"[0-9a-f]{64}", digest)


# --- what must not be in the repository ---


def test_no_file_but_the_lock_names_a_registry() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in files_of_the_repository()
        for host in REGISTRIES
        if path != ROOT / "uv.lock" and host.encode() in path.read_bytes()
    ]
    assert named == []


def test_no_text_names_a_path_of_the_machine_it_was_written_on() -> None:
    paths = [*MACHINE_PATHS, f"{ROOT}/", f"{Path.home()}/"]
    named = [
        f"{file.relative_to(ROOT)}: {path}"
        for file in files_of_the_repository()
        for path in paths
        if not is_fixture(file)
        and re.search(rf"(?<![\w.]){re.escape(path)}".encode(), file.read_bytes())
    ]
    assert named == []


def test_no_fixture_tells_where_or_by_whom_it_was_made() -> None:
    user, host = re.escape(getpass.getuser()), re.escape(socket.gethostname())
    here = [rf"[/\\]{user}[/\\]".encode(), rf"\b{user}@".encode()]
    if re.search(r"[\d-]", host) and len(host) >= 6:  # a plain word may occur by chance
        here.append(rf"\b{host}\b".encode())
    told = [
        f"{path.relative_to(ROOT)}: {found[0]!r}"
        for path in files_of_the_repository()
        if is_fixture(path)
        for leak in [*LEAKS, *here]
        if (found := re.search(leak, path.read_bytes()))
    ]
    assert told == []
