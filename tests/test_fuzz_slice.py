"""A short, always equal slice of ``benchmarks/fuzz.py`` over the fixtures of every source."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runwise_parsers.shelf import known_sources

if TYPE_CHECKING:
    from types import ModuleType

ROUNDS = 4


@pytest.fixture(scope="module")
def fuzz(house) -> ModuleType:
    path = house / "benchmarks/fuzz.py"
    spec = importlib.util.spec_from_file_location("fuzz", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module  # its dataclass looks itself up
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.fixture(scope="module")
def material(fuzz, tmp_path_factory) -> dict[str, list[list[Path]]]:
    return fuzz.materials([*fuzz.PLACES, fuzz.small_runs(tmp_path_factory.mktemp("made"))])


def test_there_is_a_run_of_every_source_to_damage(material):
    assert set(known_sources()) <= set(material)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits are Linux's")
@pytest.mark.parametrize("name", list(known_sources()))
def test_a_damaged_run_raises_nothing_hangs_nowhere_and_is_left_alone(fuzz, material, name):
    score = fuzz.fuzz(name, material.get(name, []), (0,), ROUNDS)
    assert score.failures == []
    assert score.files == ROUNDS


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits are Linux's")
def test_the_harness_sees_an_exception_and_a_hang(fuzz, tmp_path):
    from fuzz_child import Child

    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 2.0}\n')
    for child, place, said in (
        (Child(), tmp_path, ""),
        (Child(), tmp_path / "nowhere", "FileNotFoundError"),
        (Child(patience=-1.0), tmp_path, "hang"),
    ):
        try:
            answer = child.ask(place)
        finally:
            child.stop()
        assert said in answer if said else answer == ""
