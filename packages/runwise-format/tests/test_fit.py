"""A budget is a promise: it holds, keeps what matters, and says what it took."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise_format import Column, Document, Fields, Findings, Notes, Table, render
from runwise_format.cut import units
from runwise_format.document import Diff, Problem, Tree
from runwise_format.fit import fit
from runwise_format.outputs import compact
from runwise_format.tokens import count_tokens

OUTPUTS = ("compact", "text", "json")
WORDS = st.text(min_size=0, max_size=30)
NUMBERS = st.floats() | st.integers(-(10**6), 10**6) | st.none() | WORDS


def problems(severity):
    return st.lists(
        st.builds(
            Problem, severity, WORDS, WORDS, st.none() | st.integers(0, 10**6), WORDS, WORDS
        ),
        max_size=3,
    )


DOCUMENTS = st.builds(
    lambda verdict, worst, other, rows, items, lines, more: Document(
        "summary",
        "title",
        verdict,
        [
            Findings("findings", worst + other),
            Table("metrics", [Column("name"), Column("last")], rows, importance=60),
            Fields("rest", items, importance=40),
            Notes("notes", lines),
            Tree("config", {"nested": items, "leaf": 1}, importance=20),
            Diff("diff", ["a", "b"], [(str(row[0]), row) for row in rows], importance=10),
        ],
        more,
    ),
    st.text(max_size=120),
    problems(st.just("critical")),
    problems(st.sampled_from(["info", "warning"])),
    st.lists(st.tuples(WORDS, NUMBERS), max_size=30),
    st.dictionaries(WORDS, NUMBERS, max_size=30),
    st.lists(st.text(max_size=100), max_size=5),
    st.text(max_size=60),
)


def size(document):
    return sum(map(units, document.blocks))


def crowded():
    metrics = [[f"group_{i % 7}/metric_{i}", i / 7] for i in range(1000)]
    finding = Problem("critical", "non_finite", "train/loss", 4210, "3 NaN", "Clip gradients.")
    return Document(
        "summary",
        "run",
        "crashed at step 5000",
        [
            Findings("findings", [Problem("info", "plateau", "acc", 1, "flat"), finding]),
            Table("metrics", [Column("name"), Column("last")], metrics, importance=60),
            Fields("rest", {f"other/{i}": i for i in range(100)}, importance=40),
            Notes("notes", ["a remark about a file"] * 3),
        ],
        more="runwise keys",
    )


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.integers(40, 600), st.sampled_from(OUTPUTS))
def test_the_estimate_stays_under_four_fifths_of_the_budget(document, budget, output):
    text = render(document, output, max_tokens=budget)
    assert count_tokens(text + "\n") <= 0.8 * budget + 1
    if output == "json":
        assert json.loads(text)["schema"] == 1


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS, st.integers(40, 400), st.integers(1, 400), st.sampled_from(OUTPUTS))
def test_a_larger_budget_never_keeps_less(document, budget, extra, output):
    assert size(fit(document, budget, output)) <= size(fit(document, budget + extra, output))


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS, st.integers(40, 400))
def test_what_is_kept_and_what_is_dropped_add_up(document, budget):
    kept = fit(document, budget, "compact")
    counts = [text for text in kept.dropped if text != "details"]
    dropped = sum(int(text.split(" ")[0]) for text in counts)
    assert size(kept) + dropped == size(document)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("budget", [100, 300, 1000])
def test_verdict_critical_finding_and_the_way_to_more_are_kept(output, budget):
    text = render(crowded(), output, max_tokens=budget)
    assert "crashed at step 5000" in text
    assert "non_finite" in text
    assert "4210" in text
    assert "dropped" in text
    assert "runwise keys" in text or (output, budget) == ("json", 100)  # JSON names every key


def test_the_least_important_goes_first_and_is_counted():
    text = render(crowded(), max_tokens=300)
    last = text.splitlines()[-2]
    assert last.startswith("dropped: ")
    assert last.endswith(" metrics, 100 rest, 3 notes")
    assert "group_0/metric_0," in text
    assert "! info plateau" in text


def test_tables_lose_their_last_rows():
    kept = fit(crowded(), 300, "compact")
    rows = kept.blocks[1].rows
    assert list(rows) == crowded().blocks[1].rows[: len(rows)]
    assert 10 < len(rows) < 100


def test_the_critical_finding_outlives_the_other_one():
    kept = fit(crowded(), 45, "compact")
    assert [item.kind for block in kept.blocks for item in block.items] == ["non_finite"]


def test_a_document_that_fits_is_returned_as_it_is(report):
    assert fit(report, 100_000, "compact") is report


def test_a_huge_verdict_is_cut_if_it_must_be():
    text = render(Document("x", "", "🦜" * 5000, []), max_tokens=40)
    assert count_tokens(text) <= 32


def test_what_a_report_left_out_itself_is_added_up():
    document = Document("x", "", "v", [Notes("notes", ["word " * 20] * 50)], dropped=["7 notes"])
    kept = fit(document, 100, "compact")
    assert kept.dropped == [f"{57 - size(kept)} notes"]


def test_a_budget_below_one_is_refused():
    with pytest.raises(ValueError, match="max_tokens must be at least 1, not 0"):
        render(Document("x", "", "", []), max_tokens=0)


def test_drawing_is_rare_however_long_the_document(monkeypatch):
    rows = [[f"metric_{i}", i] for i in range(100_000)]
    drawn = []
    draw = compact.render

    def counted(document, style):
        drawn.append(size(document))
        return draw(document, style)

    monkeypatch.setattr(compact, "render", counted)
    fit(Document("x", "", "v", [Table("t", [Column("a"), Column("b")], rows)]), 500, "compact")
    assert len(drawn) <= 20
    assert max(drawn) <= 500
