"""Text from a log cannot steer a terminal, forge a line, or flood a report."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_format import Column, Document, Fields, Findings, Notes, Table, render
from runwise_format.document import Diff, Problem, Tree
from runwise_format.render import Style
from runwise_format.safety import NAME, SENTENCE, VALUE, clean, safe

HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0001]"
)
ANY = st.text(st.characters(), max_size=60) | st.text(
    st.sampled_from("\x1b[]0;m\x07\x9b\u202e\u200d\ufe0f\n\r\x00a👩💻"), max_size=12
)


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("train/loss", "train/loss"),
        ("a\nb\r\nc\td", "a b c d"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x9b2Jgone", "gone"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a \x1b]0;never ended and more", "a 0;never ended and more"),
        ("flag \U000e0067\U000e007f \u2066x\u2069", "flag �� �x�"),
        ("back\x08space \ufffe \x85 para\u2029graph", "back�space �   para graph"),
        ("nul\x00", "nul�"),
        ("\u202eevil", "�evil"),
        ("ze\u200bro", "ze�ro"),
        ("👩\u200d💻 ❤\ufe0f", "👩💻 ❤"),
        ("\ud800", "�"),
        ("naïve 学習", "naïve 学習"),
    ],
)
def test_text_is_neutralised(text, harmless):
    assert clean(text) == harmless


@given(ANY, st.integers(0, 100))
def test_cleaning_is_harmless_short_and_done_once(text, limit):
    cleaned = clean(text, limit)
    assert not HARMFUL.search(cleaned)
    assert len(cleaned) <= limit
    assert clean(cleaned, limit) == cleaned


@given(ANY)
def test_no_output_lets_a_harmful_character_through(text):
    document = Document(
        text,
        text,
        text,
        [
            Findings("a", [Problem(text, text, text, 1, text, text, {text: text})], title=text),
            Table("b", [Column(text, text, "name", text)], [[text]], title=text, note=text),
            Fields("c", {text: text}, title=text, labels={text: text}),
            Notes("d", [text], title=text),
            Tree("e", {text: {text: text}}, title=text),
            Diff("f", [text], [(text, [text])], title=text),
        ],
        text,
        [text],
    )
    for output in ("compact", "text", "json", "md", "csv"):
        rendered = render(document, output)
        assert not HARMFUL.search(rendered.replace("\n", ""))
        assert render(document, output, style=Style(ascii=True)).isascii()


@given(ANY)
def test_a_note_is_always_one_line(text):
    notes = [Notes("notes", [text, "last"])]
    assert render(Document("x", "", "v", notes)).count("\n") == 2


def test_long_text_is_cut_in_the_middle_and_says_how_long_it_was():
    cut = clean("/start/" + "x" * 10_000 + "/end.yaml")
    assert len(cut) == VALUE
    assert cut.startswith("/start/xxx")
    assert cut.endswith("xxx/end.yaml")
    assert "…(10016 chars)…" in cut


def test_names_values_and_sentences_have_their_own_limits():
    document = Document("x", "", "v" * 1000, [Fields("f", {"n" * 1000: "v" * 1000})])
    cleaned = safe(document)
    ((name, value),) = cleaned.blocks[0].items.items()
    assert (len(name), len(value), len(cleaned.verdict)) == (NAME, VALUE, SENTENCE)


def test_names_that_became_equal_stay_apart():
    fields = Fields("f", {"a\x00": 1, "a\x01": 2, "a�": 3})
    data = json.loads(render(Document("x", "", "v", [fields]), "json"))
    assert data["f"] == {"a�": 1, "a� (2)": 2, "a� (3)": 3}


@given(st.lists(ANY | st.sampled_from(["a", "a\x00", "a� (2)"]), unique=True, max_size=12))
def test_no_name_is_ever_lost(names):
    fields = Fields("f", dict.fromkeys(names, 1))
    assert len(json.loads(render(Document("x", "", "v", [fields]), "json"))["f"]) == len(names)


@given(ANY)
def test_cleaning_a_document_twice_changes_nothing(text):
    document = Document("x", text, text, [Fields("f", {text: text}), Tree("t", {text: {text: 1}})])
    assert safe(safe(document)) == safe(document)
