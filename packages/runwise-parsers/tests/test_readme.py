"""The source that the README shows is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runwise_parsers.testing import SOURCE_CHECKS

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def shown():
    """What the README's blocks of plain Python define."""
    blocks = re.findall(
        r"```python\n(?!>>>)(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(blocks) == 2
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    return names


@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_the_source_of_the_readme_holds_the_contract(check, shown, tmp_path):
    check(shown["KeyValue"](), shown["write"], tmp_path)
