from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

import runwise_detect.detectors
from runwise_detect import known_detectors
from runwise_detect.detectors.loss_spike import LossSpike
from runwise_detect.registry import find_detector


def test_the_folder_is_the_registry():
    (folder,) = runwise_detect.detectors.__path__
    files = {path.stem for path in Path(folder).glob("*.py")} - {"__init__"}
    assert set(known_detectors()) == files


def test_a_detector_is_found_by_its_kind():
    assert find_detector("loss_spike") is LossSpike


def test_a_detector_of_another_package_is_found(tmp_path, monkeypatch):
    info = tmp_path / "other-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n")
    target = "runwise_detect.detectors.loss_spike:LossSpike"
    (info / "entry_points.txt").write_text(f"[runwise.detectors]\nspike_too = {target}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert metadata.version("other") == "1"
    assert find_detector("spike_too") is LossSpike


def test_an_unknown_kind_is_refused_with_those_that_exist():
    with pytest.raises(LookupError, match=r"'spikes'; there are divergence, .*, loss_spike"):
        find_detector("spikes")
