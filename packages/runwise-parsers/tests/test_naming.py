"""Ids made of paths: as a person would type them, and each of one run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_parsers import find_runs
from runwise_parsers.naming import is_generic, names, opened
from runwise_parsers.source import Claim

BASE = Path("/proj")


@pytest.fixture
def ids():
    """The ids of logs at these paths, in their order; one with a ``/`` behind is a directory."""

    def ids(*paths: str, base: Path = BASE) -> list[str]:
        claims = [_claim(BASE / path, whole=path.endswith("/")) for path in paths]
        return list(names(claims, base).values())

    return ids


def _claim(path: Path, *, whole: bool = False) -> Claim:
    """Return a claim as sources make it: of a file by its stem, of a directory by its name."""
    key = path.name if whole else path.name.rpartition(".")[0] or path.name
    return Claim("made", key, path.parent, (path,), whole=whole)


@pytest.mark.parametrize(
    ("path", "called"),
    [
        ("metrics.jsonl", "metrics"),
        ("top.ndjson", "top"),
        ("lr3.csv", "lr3"),
        ("a/metrics.jsonl", "a"),
        ("a/lr3.jsonl", "a/lr3"),
        ("b/logs/metrics.jsonl", "b"),
        ("b/logs/progress.csv", "b"),
        ("logs/metrics.jsonl", "logs"),
        ("output/metrics.json", "output"),
        ("exps/big/trainer_state.json", "exps/big"),
        ("bert/checkpoint-500/trainer_state.json", "bert/checkpoint-500"),
        ("lightning_logs/version_0/metrics.csv", "lightning_logs/version_0"),
        ("exp1/lightning_logs/version_0/metrics.csv", "exp1"),
        ("exp1/tb_logs/version_0/", "exp1"),
        ("runs/detect/train/results.csv", "runs/detect/train"),
        ("runs/Dec01_12-00-00_host/", "runs/Dec01_12-00-00_host"),
        ("logs/fit/train/", "logs/fit/train"),
        ("work_dirs/rcnn/20240101_120000/vis_data/scalars.json", "work_dirs/rcnn/20240101_120000"),
        ("dvclive/", "dvclive"),
        ("exp/dvclive/", "exp"),
        ("outputs/2024-01-01/12-00-00/history.csv", "outputs/2024-01-01/12-00-00"),
    ],
)
def test_names_that_tell_nothing_are_dropped_from_the_end(ids, path, called):
    assert ids(path) == [called]


@pytest.mark.parametrize(
    ("paths", "called"),
    [
        (
            ["x/lightning_logs/version_0/metrics.csv", "x/lightning_logs/version_1/metrics.csv"],
            ["x/lightning_logs/version_0", "x/lightning_logs/version_1"],
        ),
        (["d/x/log.jsonl", "d/x.jsonl"], ["d/x/log", "d/x"]),
        (["exp/train.jsonl", "exp/val.jsonl"], ["exp/train", "exp/val"]),
        (["fit/train/", "fit/validation/"], ["fit/train", "fit/validation"]),
        (["exp/output/metrics.json", "exp/logs/"], ["exp/output", "exp/logs"]),
        (["a/metrics.jsonl", "a/b/metrics.jsonl"], ["a", "a/b"]),
        (["a/metrics.jsonl", "b/metrics.jsonl"], ["a", "b"]),
        (["a.jsonl", "a.ndjson"], ["a.jsonl", "a.ndjson"]),
    ],
)
def test_what_tells_runs_apart_is_kept(ids, paths, called):
    assert ids(*paths) == called


def test_a_run_that_is_the_project_itself_has_its_name(ids):
    assert ids("version_7/", base=BASE / "version_7") == ["version_7"]
    assert ids("big/", base=BASE / "big") == ["big"]


@pytest.mark.parametrize(
    ("path", "called"),
    [
        ("big-model/metrics.jsonl", "big-model"),
        ("x/lr1.jsonl", "lr1"),
        ("exp1/lightning_logs/version_3/metrics.csv", "exp1/lightning_logs/version_3"),
        ("runs/Dec01/", "Dec01"),
    ],
)
def test_a_run_opened_by_its_path_is_called_from_its_last_telling_name_on(path, called):
    assert opened(_claim(BASE / path, whole=path.endswith("/"))) == called


def test_generic_names_are_told_whatever_stands_behind_the_first_dot():
    assert is_generic("events.out.tfevents.1700000000.host.1.0.v2")
    assert is_generic("Metrics.JSONL")
    assert not is_generic("metrics-lr3.jsonl")


@pytest.mark.parametrize("base", [".", "proj", "../proj", "absolute"])
def test_ids_do_not_depend_on_how_the_project_is_named(jsonl, tmp_path, monkeypatch, base):
    jsonl([{"step": 1, "loss": 1.0}], "proj/exp/logs/metrics.jsonl")
    monkeypatch.chdir(tmp_path / "proj" if base in (".", "../proj") else tmp_path)
    root = tmp_path / "proj" if base == "absolute" else Path(base)
    assert [info.id for info in find_runs(root)] == ["exp"]


_PARTS = st.sampled_from(["a", "b", "metrics", "logs", "version_0", "version_1", "train", "out"])


@given(st.lists(st.lists(_PARTS, min_size=1, max_size=4), max_size=8, unique_by=tuple))
def test_ids_are_never_empty_and_never_shared(paths):
    claims = [_claim(BASE.joinpath(*parts[:-1], f"{parts[-1]}.csv")) for parts in paths]
    called = names(claims, BASE)
    assert len(set(called.values())) == len(claims)
    for claim, name in called.items():
        assert name
        assert (claim.parent / claim.key).relative_to(BASE).as_posix().startswith(name)
