"""Names that share a beginning are said once, and can be told apart again."""

from __future__ import annotations

from runwise_format import Document, Fields, render
from runwise_format.braces import grouped


def test_names_with_a_common_prefix_share_it():
    assert grouped({"val/loss": "1", "val/f1": "2"}, ", ") == "val/{loss 1,f1 2}"


def test_branches_that_differ_in_a_number_are_a_range():
    items = {f"layer_{at}/{what}": "" for at in range(12) for what in ("grad_norm", "weight_norm")}
    assert grouped(items, ", ") == "layer_{0..11}/{grad_norm,weight_norm}"
    shuffled = dict(sorted(items.items()))
    assert grouped(shuffled, ", ") == "layer_{0..11}/{grad_norm,weight_norm}"


def test_branches_with_other_values_or_a_missing_number_stay_apart():
    items = {f"h.{at}/{what}": "5" for at in (0, 1, 3) for what in ("gradient", "weights")}
    assert ".." not in grouped(items, ", ")
    items = {f"h.{at}/{what}": str(at) for at in range(3) for what in ("gradient", "weights")}
    assert ".." not in grouped(items, ", ")


def test_names_that_are_only_numbers_or_have_leading_zeros_survive():
    items = {f"gpu/0{at}/{what}": "" for at in range(3) for what in ("memory", "power_draw")}
    text = grouped(items, ", ")
    assert all(f"0{at}/" in text for at in range(3))


def test_what_is_usual_is_named_without_its_value():
    block = Fields("keys", {"a": 5, "b": 5, "c": 2}, title="5 points unless said", usual=5)
    text = render(Document("keys", "", "", [block]))
    assert text == "5 points unless said: a, b, c 2"
    assert '"a":5' in render(Document("keys", "", "", [block]), "json")
