"""Walking a project: what is passed over, where links lead, and who is asked about a directory."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import Run, RunInfo, Source, find_runs, open_run
from runwise_parsers.panel import Panel, pattern_of
from runwise_parsers.walk import Place, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.source import Claim, Folder

ROWS = [{"step": step, "loss": 1.0} for step in range(3)]


class Curious(Source):
    """A source that remembers where it was asked."""

    name = "curious"

    def __init__(self, looks_for: str = "", name: str = "curious", order: int = 50) -> None:
        vars(self).update(looks_for=looks_for, name=name, order=order)
        self.asked: list[str] = []

    def claim(self, folder: Folder) -> Iterator[Claim]:
        self.asked.append(folder.path.name)
        return iter(())

    def describe(self, claim: Claim) -> RunInfo:
        raise NotImplementedError

    def open(self, info: RunInfo) -> Run:
        raise NotImplementedError


@pytest.fixture
def tree(tmp_path):
    """Make empty files, and the directories above them."""

    def tree(*names: str):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return tree


@pytest.fixture
def asked():
    """The directories in which a source with this pattern is asked, by their names."""

    def asked(root, looks_for: str, *others: Source) -> list[str]:
        source = Curious(looks_for)
        assert list(find_runs(root, sources=[source, *others])) == []
        return source.asked

    return asked


def test_a_source_is_asked_only_where_a_name_fits(tree, asked):
    root = tree("a/log.txt", "b/metrics.csv", "c/metrics.csv.bak", "d/.aim/x", "e/aim/x")
    assert asked(root, r"metrics\.csv") == ["b"]
    assert asked(root, r".+\.(txt|csv)") == ["a", "b"]
    assert asked(root, r"\.aim/") == ["d"]
    assert asked(root, r"(?i:METRICS\..*)") == ["b", "c"]


def test_a_source_that_looks_for_nothing_in_particular_is_asked_everywhere(tree, asked):
    root = tree("a/x", "b/y/z")
    other = Curious("z", "other")
    assert asked(root, "", other) == [root.name, "a", "b", "y"]
    assert other.asked == ["y"]


def test_patterns_with_numbered_and_named_groups_keep_their_meaning_beside_others(tree, asked):
    root = tree("a/loss_loss", "b/loss_step", "c/xx", "d/xy")
    others = [Curious(r"(a)(b)(c)\3", "first", 1), Curious(r"(?P<z>x)(?P=z)", "third", 99)]
    assert asked(root, r"([a-z]+)_\1", *others) == ["a"]
    assert others[1].asked == ["c"]


def test_a_newline_in_a_name_makes_no_other_name_of_it(tree, asked):
    root = tree("a/metrics.csv\n", "b/\nmetrics.csv", "c/metrics.csv\n.bak", "d\nmetrics.csv/x")
    assert asked(root, r"metrics\.csv") == []


@pytest.mark.parametrize("looks_for", ["(", "*.csv", "(?i)metrics", 7])
def test_what_is_no_pattern_is_refused_by_the_name_of_its_source(looks_for):
    with pytest.raises(ValueError, match="looks_for of curious"):
        Panel((Curious(looks_for),))


def test_a_file_that_is_named_is_offered_whatever_it_is_called(tree):
    source = Curious("metrics.csv")
    with pytest.raises(LookupError, match="holds no run"):
        open_run(tree("a/other.txt") / "a/other.txt", sources=[source])
    assert source.asked == ["a"]


def test_names_are_listed_one_a_line_folders_with_a_slash():
    files, folders = {"a.csv": None, "b": None}, {"c": None, ".aim": None}
    assert Place("", files, folders).names().splitlines() == ["a.csv", "b", "c/", ".aim/"]
    assert Place("", {}, folders).names().splitlines() == ["c/", ".aim/"]
    assert Place("", files, {}).names().splitlines() == ["a.csv", "b"]
    assert Place("", {}, {}).names() == ""
    assert pattern_of(Curious("c/")).search(Place("", files, folders).names())


@pytest.mark.parametrize(
    "name",
    [
        ".git/objects",
        ".cache",
        "web/node_modules/left-pad",
        "src/__pycache__",
        "lib/site-packages/torch",
        "lib/dist-packages",
        "/".join("abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_hidden_folders_caches_and_what_lies_too_deep_are_passed_over(jsonl, tmp_path, name):
    jsonl(ROWS, f"{name}/metrics.jsonl")
    assert list(find_runs(tmp_path)) == []


def test_an_installation_of_python_is_passed_over_whatever_its_name(jsonl, tree, tmp_path):
    tree("env/pyvenv.cfg", "miniconda/conda-meta/history")
    for name in ("env", "env/share/x", "miniconda", "miniconda/share/y"):
        jsonl(ROWS, f"{name}/metrics.jsonl")
    jsonl(ROWS, "kept/metrics.jsonl")
    assert [info.id for info in find_runs(tmp_path)] == ["kept"]


def test_a_hidden_folder_is_searched_when_it_is_named(jsonl, tmp_path):
    jsonl(ROWS, ".cache/a/metrics.jsonl")
    assert [info.id for info in find_runs(tmp_path / ".cache")] == ["a"]


def test_directories_come_in_the_order_of_their_names_parents_first(tree, tmp_path):
    tree("b/y/1", "b/x/1", "a/1", "c/1")
    found = [place.path.removeprefix(str(tmp_path)) for place in walk(str(tmp_path))]
    assert [path.replace("\\", "/") for path in found] == ["", "/a", "/b", "/b/x", "/b/y", "/c"]


def test_links_that_lead_in_circles_do_not_hang_and_hide_nothing(writer, save, tmp_path):
    folder = save(writer().start().rows(2))
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "here").symlink_to(tmp_path)
    (folder / "up").symlink_to(tmp_path / "wandb")
    (tmp_path / "again").symlink_to(tmp_path / "wandb")
    assert [info.id for info in find_runs(tmp_path)] == ["abc12345"]


def test_runs_behind_a_link_alone_are_found(writer, save, tmp_path):
    save(writer().start().rows(2), root=tmp_path / "disk")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/runs").symlink_to(tmp_path / "disk")
    assert [info.id for info in find_runs(tmp_path / "project")] == ["abc12345"]


def test_a_directory_is_met_once_also_through_links_to_what_holds_it(jsonl, tmp_path):
    jsonl(ROWS, "disk/a/b/metrics.jsonl")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/deep").symlink_to(tmp_path / "disk/a/b")
    (tmp_path / "project/top").symlink_to(tmp_path / "disk")
    assert len(list(find_runs(tmp_path / "project"))) == 1
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    assert len(list(find_runs(tmp_path / "link"))) == 1


def test_a_folder_that_cannot_be_read_hides_no_other(jsonl, tmp_path):
    jsonl(ROWS, "a/metrics.jsonl")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    try:
        assert [info.id for info in find_runs(tmp_path)] == ["a"]
    finally:
        locked.chmod(0o700)


def test_a_data_set_is_told_by_names_and_a_few_of_its_files(tmp_path):
    for suffix, text in {
        "csv": "x,y\n1,2\n",
        "json": '{"score": 0.5}',
        "txt": "step 1 loss 2\n",
        "jsonl": '{"prompt": "hello", "score": 0.5}\n',
        "pt": "\x80",
        "npz": "PK",
        "parquet": "PAR1",
        "jpg": "\xff",
    }.items():
        for number in range(60):
            path = tmp_path / f"data/{suffix}/part-{number:05}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    code = (
        "import sys; from runwise_parsers import find_runs; opened = []\n"
        f"root = {str(tmp_path / 'data')!r}\n"
        "list(find_runs(root))\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' and "
        "str(args[0]).startswith(root) else None)\n"
        "assert list(find_runs(root)) == []\n"
        "print('\\n'.join(opened))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    opened = Counter(name.rpartition(".")[2] for name in done.stdout.split())
    assert set(opened) <= {"csv", "jsonl"}
    assert max(opened.values()) <= 8


def test_logs_with_names_of_their_own_are_found_however_many_they_are(jsonl, tmp_path):
    for number in range(100):
        jsonl(ROWS, f"sweep/lr-{number}.jsonl")
    assert len(list(find_runs(tmp_path))) == 100


def test_links_that_may_not_be_read_are_not_seen(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "own").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.jsonl").write_text('{"step": 0, "loss": 1}\n')
    (inside / "mine.jsonl").write_text('{"step": 0, "loss": 1}\n')
    (inside / "file.jsonl").symlink_to(outside / "secret.jsonl")
    (inside / "folder").symlink_to(outside)
    (inside / "near").symlink_to(inside / "own")
    asked = []

    def may_read(path):
        asked.append(path)
        return "outside" not in str(Path(path).resolve())

    places = {Path(place.path).name: place for place in walk(str(inside), may_read)}
    assert sorted(places) == ["inside", "own"]
    assert sorted(places["inside"].files) == ["mine.jsonl"]
    assert sorted(places["inside"].folders) == ["near", "own"]
    assert sorted(Path(path).name for path in asked) == ["file.jsonl", "folder", "near"]
    assert [run.id for run in find_runs(inside, may_read=may_read)] == ["mine"]
    assert len(list(find_runs(inside))) > 1
