from __future__ import annotations

import pytest

from runwise_parsers.sources.tensorboard import Tensorboard
from runwise_parsers.testing import CHECKSUM_CHECKS, SOURCE_CHECKS


@pytest.fixture(params=["double", "unpacked", "content", "together", "padded"])
def write(request, log, forms, wire):
    """Write rows as TensorFlow does: one event for each row, or with messages between them."""

    def write(folder, rows):
        one = log()
        for step, row in rows:
            if request.param == "together":
                one.values(step, {tag: forms["double"](value) for tag, value in row.items()})
                continue
            if request.param == "padded" and step % 7 == 3:
                one.event(step, wire["part"](6, wire["part"](2, "x" * 900)))
            one.rows([(step, row)], forms.get(request.param, forms["double"]))
        return one.save(folder)

    return write


@pytest.mark.parametrize("check", [*SOURCE_CHECKS, *CHECKSUM_CHECKS])
def test_the_source_holds_the_contract(check, write, tmp_path):
    check(Tensorboard(), write, tmp_path)
