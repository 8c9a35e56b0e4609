from __future__ import annotations

import pytest

from runwise_parsers.yaml_text import load_yaml


def test_plain_words_and_numbers_are_those_of_yaml_1_2():
    text = "a: on\nb: 1e-05\nc: .inf\nd: yes\ne: ~\nf: 2020-01-01\ng: true\nh: 012\n"
    assert load_yaml(text) == {
        "a": "on", "b": 1e-05, "c": float("inf"), "d": "yes", "e": None, "f": "2020-01-01",
        "g": True, "h": 12.0,
    }  # fmt: skip


def test_an_unknown_tag_is_the_plain_data_below_it():
    text = (
        "a: !!python/object:os.system {x: 1}\nb: !Optimizer [adam]\nc: !!python/name:os.remove ''"
    )
    assert load_yaml(text) == {"a": {"x": 1}, "b": ["adam"], "c": ""}


LAUGHS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{" * 1900, "- " * 50_000, "!!bool maybe", "!!timestamp soon", "a: &a [*a]",
     "l0: &l0 [lol]\n" + LAUGHS, "a: b: c", "\t- x", "\x00"],
)  # fmt: skip
def test_what_is_no_yaml_says_so_and_nothing_worse(text):
    with pytest.raises(ValueError, match="no YAML"):
        load_yaml(text)
