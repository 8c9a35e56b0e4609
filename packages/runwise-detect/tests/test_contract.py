from __future__ import annotations

import pytest

from runwise_detect import known_detectors
from runwise_detect.testing import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
@pytest.mark.parametrize("kind", known_detectors())
def test_every_detector_keeps_the_contract(kind, check):
    check(known_detectors()[kind])
