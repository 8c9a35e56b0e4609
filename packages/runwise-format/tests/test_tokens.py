"""The estimate behaves like a count. How good it is, the tests of the whole house measure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_format import Column, Document, Table, render
from runwise_format.tokens import COUNTERS, count_digits, count_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("loss", 1),
        ("123", 1),
        ("1234567", 3),
        (".348", 2),
        ("a,b\n", 4),
        ("9866543211", 4),
    ],
)
def test_simple_texts_cost_what_they_cost(text, tokens):
    assert count_tokens(text) == tokens


def test_random_letters_cost_more_than_words():
    assert count_tokens("xkqzvbwj") > 2 * count_tokens("training")


@given(st.text())
def test_it_never_fails_and_never_exceeds_twice_the_bytes(text):
    size = len(text.encode("utf-8", "surrogatepass"))
    assert 0 <= count_tokens(text) <= 2 * size + 1


@given(st.text(max_size=50), st.text(max_size=50))
def test_two_lines_cost_about_what_each_costs(one, other):
    apart = count_tokens(one) + count_tokens(other)
    assert abs(count_tokens(f"{one}\n{other}") - apart) <= 4


def test_the_counter_for_digits_counts_each_and_all_else_alike():
    assert count_digits("1234567") == 7
    assert count_digits("train/loss") == count_tokens("train/loss")
    table = "\n".join(f"{step},{step / 7:.3f}" for step in range(100, 120))
    assert 1.3 <= count_digits(table) / count_tokens(table) <= 2


def test_a_budget_for_digit_readers_holds_by_their_counter():
    rows = [[f"metric_{at}", at * 1234.5] for at in range(500)]
    document = Document("x", "", "v", [Table("t", [Column("name"), Column("last")], rows)])
    texts = {name: render(document, max_tokens=400, counter=name) for name in COUNTERS}
    assert all(COUNTERS[name](text) <= 400 for name, text in texts.items())
    assert len(texts["digits"]) < len(texts["o200k"])


def test_an_unknown_counter_is_refused_with_those_there_are():
    with pytest.raises(LookupError, match="'gpt' among o200k, digits"):
        render(Document("x", "", "v", []), max_tokens=40, counter="gpt")
