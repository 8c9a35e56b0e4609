"""What a run was told, and what people say about it."""

from __future__ import annotations

from runwise import reports
from runwise.settings_tree import flat, tree_of
from runwise.workspace import Workspace
from runwise_format import render

KEY = "sk-" + "abcdefghijklmnopqrstuvwx"


def test_a_configuration_is_nested_as_it_was_logged(answer, demo):
    found = answer("-C", demo, "config", "healthy")
    assert found["kind"] == "config"
    assert found["config"]["model"] == {"kind": "logistic", "features": 16, "init": {"std": 0.1}}
    assert found["config"]["batch_size"] == 128


def test_the_compact_configuration_is_a_line_each(ask, demo):
    shown = ask("-C", demo, "config", "healthy").stdout.splitlines()
    assert shown[0] == "healthy (healthy1): 12 settings"
    assert "model.{kind=logistic,features=16,init.std=.1}" in shown


def test_secrets_and_internals_are_left_out_and_numbers_stay():
    config = {
        "_wandb": {"t": 1},
        "api_key": "hunter2hunter2",
        "hub": {"token": "hunter2hunter2", "max_tokens": 4096, "tokenizer": "bpe"},
        "pad_token_id": 0,
        "note": f"used {KEY} here",
        "keys": [KEY, "b"],
    }
    assert tree_of(config) == {
        "api_key": "[redacted]",
        "hub": {"token": "[redacted]", "max_tokens": 4096, "tokenizer": "bpe"},
        "pad_token_id": 0,
        "note": "used [redacted] here",
        "keys": "[[redacted], b]",
    }


def test_lists_are_one_value_and_lists_of_mappings_are_branches():
    config = {"betas": [0.9, 0.999], "stages": [{"lr": 1}, {"lr": 2}], "empty": {}, "none": None}
    assert flat(config) == {
        "betas": "[0.9, 0.999]",
        "stages.0.lr": 1,
        "stages.1.lr": 2,
        "empty": None,
        "none": None,
    }


def test_a_configuration_deeper_than_anybody_reads_is_cut():
    config: dict[str, object] = {}
    for _ in range(500):
        config = {"a": config}
    assert list(flat(config).values()) == ["..."]


def test_a_source_without_configuration_says_so(write_run, training):
    write_run("a", training(9))
    text = render(reports.config(Workspace(), "a"))
    assert "a: 0 settings" in text
    assert "a jsonl log has no place for a configuration" in text


def test_notes_say_who_and_where(answer, demo):
    found = answer("-C", demo, "notes", "killed")
    assert found["text"] == ["On a machine that may be taken away."]
    assert found["run"]["tags"] == "demo, logistic"
    assert found["run"]["group"] == "demo"
    assert found["run"]["command"] == "train.py --name killed"


def test_long_notes_are_printed_whole(info):
    from runwise.reports.notes_report import _lines

    text = "first line\n\n" + " ".join(f"word{at}" for at in range(400))
    assert " ".join(_lines(text)).split() == text.split()
    assert max(map(len, _lines(text))) <= 300
    assert len(render(_document(_lines(text))).split()) >= 402


def _document(lines):
    from runwise_format import Document, Notes

    return Document("notes", "a", "a", [Notes("text", lines)])


def test_without_notes_it_says_how_to_set_them(ask, write_run, training):
    write_run("a", training(9))
    shown = ask("notes", "a").stdout
    assert "no notes" in shown
    assert "a jsonl log has no place for notes" in shown
