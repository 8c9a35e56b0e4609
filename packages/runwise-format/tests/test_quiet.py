"""What is quiet is for programs: readers are told the same elsewhere."""

from __future__ import annotations

import json

import pytest

from runwise_format import Column, Document, Fields, Table, render


@pytest.fixture
def document():
    columns = [
        Column("id", quiet=True),
        Column("ref", "id"),
        Column("loss"),
        Column("x", quiet=True),
    ]
    rows = [["abcdef12", "abcd", 0.5, 1], ["xyz98765", "xyz9"]]
    return Document(
        "list", "", "2 runs", [Table("runs", columns, rows), Fields("f", {"a": 1}, quiet=True)]
    )


@pytest.mark.parametrize("output", ["compact", "text"])
def test_readers_do_not_see_quiet_columns_and_fields(document, output):
    text = render(document, output)
    assert "abcdef12" not in text
    assert "abcd" in text
    assert "x" not in text.replace("xyz9", "")


def test_programs_see_them(document):
    found = json.loads(render(document, "json"))
    assert found["runs"][0] == {"id": "abcdef12", "ref": "abcd", "loss": 0.5, "x": 1}
    assert found["runs"][1] == {"id": "xyz98765", "ref": "xyz9", "loss": None, "x": None}
    assert found["f"] == {"a": 1}
