"""A program reads answers line by line, and each line is whole."""

from __future__ import annotations

import json

from runwise_format import Document, Notes, render
from runwise_format.stream import stream


def test_every_row_of_every_block_is_a_line(report):
    lines = [json.loads(line) for line in render(report, "ndjson").split("\n")]
    data = json.loads(render(report, "json"))
    assert lines[0] == {
        key: data[key] for key in ("kind", "schema", "verdict", "title", "dropped", "more")
    }
    for key in ("findings", "metrics", "history", "notes", "diff"):
        assert [line["value"] for line in lines[1:] if line["block"] == key] == data[key]
    assert [line["value"] for line in lines[1:] if line["block"] == "config"] == [data["config"]]


def test_a_stream_is_a_document_a_line_and_as_lazy_as_its_source(report):
    asked = []

    def source():
        for step in range(3):
            asked.append(step)
            yield Document("watch", "", f"step {step}\nand {report.verdict}", [Notes("n", ["x"])])

    lines = stream(source())
    assert asked == []
    first = next(lines)
    assert asked == [0]
    assert first.endswith("\n")
    assert first.count("\n") == 1
    assert [json.loads(line)["kind"] for line in lines] == ["watch", "watch"]


def test_each_document_of_a_stream_keeps_the_budget():
    long = Document("watch", "", "v", [Notes("notes", [f"remark {at}" for at in range(500)])])
    (line,) = stream([long], max_tokens=100)
    assert len(line) < 400
    assert json.loads(line)["dropped"]
