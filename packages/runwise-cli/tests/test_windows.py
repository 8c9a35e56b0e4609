"""What Windows does otherwise: drive letters, backslashes, line ends, marks, reserved names.

Here as far as it can be seen from another system.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PureWindowsPath

import pytest

from runwise import Workspace
from runwise.filters.grammar import parted
from runwise.paths import command_line
from runwise.reference import Point, split
from runwise_parsers.mirror_log.layout import mirror_place

PLACES = [
    r"C:\runs\a", "C:/runs/a", r"c:runs\a", r"runs\a", r"..\runs\a", r"\\server\share\runs\a",
    r"\\?\C:\runs\a", r"C:\my runs\größe", "NUL", "con", r"C:\runs\mlflow.db\0ab3",
]  # fmt: skip
ROWS = b"".join(b'{"step": %d, "loss": 0.%d}\r\n' % (step, step) for step in range(1, 60))


@pytest.mark.parametrize("place", PLACES)
def test_a_path_is_no_filter_and_no_server(place):
    names, terms = parted([place])
    assert (names, terms) == ([place], ())
    assert not Workspace(Path()).remote.is_address(place)
    assert not Workspace(Path()).remote.claims(place)


@pytest.mark.parametrize("place", PLACES)
def test_a_path_keeps_its_point(place):
    assert split(f"{place}@5000") == (place, Point(step=5000.0))
    assert split(f"{place}@best:val/loss") == (place, Point(best="val/loss"))
    assert split(place) == (place, None)


@pytest.mark.parametrize("place", PLACES)
def test_a_path_that_is_not_here_is_quoted_as_it_was_typed(ask, write_run, training, place):
    write_run("one", training(20))
    done = ask("run", place)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"no run is called '{place}'" in done.stderr
    done = ask("-C", place, "list")
    assert (done.exit_code, done.stdout) == (2, "")
    assert place in done.stderr


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"project_name": "p"}',
        b'{\r\n  "project_name": "p"\r\n}\r\n',
        b'\xef\xbb\xbf{\r\n"project_name":\t"p"}\r\n\r\n',
    ],
    ids=["mark", "line ends", "both"],
)
def test_settings_written_by_an_editor_of_windows_are_read(ask, write_run, training, content):
    write_run("one", training(20))
    Path("runwise.json").write_bytes(content)
    assert ask("list").exit_code == 0
    assert Workspace(Path()).settings.project == "p"


def test_pyproject_with_a_mark_is_read(write_run, training):
    write_run("one", training(20))
    Path("pyproject.toml").write_bytes(b'\xef\xbb\xbf[tool.runwise]\r\nproject_name = "p"\r\n')
    assert Workspace(Path()).settings.project == "p"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "mark"])
def test_a_log_with_the_line_ends_of_windows_is_the_same_log(answer, mark):
    Path("unix.jsonl").write_bytes(ROWS.replace(b"\r\n", b"\n"))
    Path("windows.jsonl").write_bytes(mark + ROWS)
    unix, windows = (answer("stats", name)["stats"] for name in ("unix", "windows"))
    assert unix == windows
    assert not list(Workspace(Path()).resolve("windows")[0].gaps)


def test_a_console_with_the_line_ends_of_windows_is_shown_without_them(ask, demo):
    shutil.copytree(demo / "wandb", "wandb")
    (log,) = Path().glob("wandb/*killed01/files/output.log")
    log.write_bytes(log.read_bytes().replace(b"\n", b"\r\n"))
    assert "step 550: train 0.2870, val 0.2139\nmore:" in ask("console", "killed").stdout


@pytest.mark.parametrize(
    "name", ["NUL", "con", "aux.log", "COM1", "lpt9.x", "a:b", "a\\b", "..", "end."]
)
def test_what_is_kept_of_a_server_has_a_name_that_windows_allows(name):
    place = mirror_place(Path("keep"), "wandb", "https://api.wandb.ai", [name, name])
    parts = PureWindowsPath(str(place)).parts
    assert len(parts) == 4
    for part in parts:
        assert part.partition(".")[0].lower() not in {"nul", "con", "aux", "com1", "lpt9", ""}
        assert not part.endswith((".", " "))
        assert not set(part) & set('<>:"|?*\\/')


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["run", r"C:\runs\a"], r"run C:\runs\a"),
        (["run", r"C:\my runs\a"], r'run "C:\my runs\a"'),
        (["list", "config.lr>0.1"], 'list "config.lr>0.1"'),
        (["history", "-k", "val/*"], 'history -k "val/*"'),
        (["run", ""], 'run ""'),
        (["find", 'say "so"'], 'find "say ""so"""'),
        (["run", "a&b"], 'run "a&b"'),
    ],
    ids=str,
)
def test_commands_are_named_as_a_shell_of_windows_takes_them(words, line):
    assert command_line(words, windows=True) == line
