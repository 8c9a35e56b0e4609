"""The estimate behaves like a count. How good it is, the tests of the whole house measure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_format.tokens import count_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("loss", 1),
        ("123", 1),
        ("1234567", 3),
        (".348", 3),
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
