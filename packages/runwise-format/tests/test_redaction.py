"""Secrets do not reach a reader, and what only looks like one does."""

from __future__ import annotations

import json

import pytest

from runwise_format import Document, Fields, Notes, render
from runwise_format.document import Diff, Tree
from runwise_format.redaction import HIDDEN, is_secret_name, redacted, redacted_text

SECRET_NAMES = [
    "api_key", "API_KEY", "apiKey", "wandb_api_key", "openai-api-key", "token", "hf_token",
    "HF_TOKEN", "authToken", "access_token", "password", "db_password", "passwd", "secret",
    "client_secret", "aws_secret_access_key", "AWS_ACCESS_KEY_ID", "private_key", "credentials",
    "Authorization", "ssh_key", "account_key",
]  # fmt: skip
PLAIN_NAMES = [
    "tokenizer", "tokens", "max_tokens", "pad_token_id", "pad_token", "eos_token", "token_type",
    "unk_token", "num_tokens", "key", "monkey", "primary_key", "keyboard", "secretary", "author",
    "passes", "patience", "path", "tokenizer_name", "loss_key", "metric_key", "stop_token", "lr",
]  # fmt: skip
# Said in two halves: a test looks for keys in the files of the repository.
SHAPES = [
    "sk-" + "abcdEFGH1234567890abcd", "sk-ant-" + "api03-abcdEFGH1234567890",
    "hf_" + "abcdefghijklmnopqrst", "ghp_" + "abcdefghij0123456789", "AKIA" + "ABCDEFGHIJKLMNOP",
    "AIza" + "SyA-1234567890abcdefghijklmnopqrstu", "glpat-" + "abcdefghij0123456789",
    "eyJhbGciOiJI." + "eyJzdWIiOiIx.SflKxwRJSMeKKF2Q", "xoxb-" + "123456789012-abcdef",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_text_under_a_secret_name_is_hidden(name):
    assert redacted({name: "correct horse"}) == {name: HIDDEN}
    assert redacted({"hub": {name: "correct horse"}}) == {"hub": {name: HIDDEN}}
    assert redacted({name: {"inner": "correct horse"}}) == {name: {"inner": HIDDEN}}


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_a_name_that_only_contains_a_secret_word_is_no_secret(name):
    assert not is_secret_name(name)
    assert redacted({name: "bert-base-uncased"}) == {name: "bert-base-uncased"}


@pytest.mark.parametrize("value", [512, 0.5, True, None, "", "<pad>", "[PAD]", "true"])
def test_numbers_and_words_that_tell_nothing_stay_under_any_name(value):
    assert redacted({"token": value}) == {"token": value}


@pytest.mark.parametrize("key", SHAPES)
def test_a_key_is_known_by_its_shape_wherever_it_stands(key):
    assert redacted_text(f"run with {key} please") == f"run with {HIDDEN} please"


@pytest.mark.parametrize(
    "text",
    [
        "train.py --name sk-learn-baseline --lr 0.1",
        "0123456789abcdef0123456789abcdef01234567",
        "https://example.com:8080/a@b",
        "the token budget is 4096, the secret is out",
        "risk-adjusted-return-over-time",
        "s3://bucket/sk/model-2024-11-20-final",
    ],
)
def test_ordinary_text_stays(text):
    assert redacted_text(text) == text


def test_passwords_in_addresses_and_options_are_hidden():
    assert redacted_text("postgres://me:hunter2@db/runs") == f"postgres://{HIDDEN}@db/runs"
    assert redacted_text("a.py --api-key=abc --lr=1") == f"a.py --api-key={HIDDEN} --lr=1"
    assert redacted_text("a.py --password abc -v") == f"a.py --password {HIDDEN} -v"
    assert redacted_text("a.py --use-token --lr 1") == "a.py --use-token --lr 1"


@pytest.mark.parametrize("output", ["compact", "text", "json", "md", "csv"])
def test_no_output_shows_a_secret(output):
    key = SHAPES[0]
    blocks = [
        Tree("config", {"api_key": "hunter2hunter2", "notes": key, "max_tokens": 4096}),
        Diff("diff", ["A", "B"], [("hub.token", ["hunter2hunter2", key])]),
        Fields("fields", {"password": "hunter2hunter2", "command": f"a.py --key {key}"}),
        Notes("notes", [f"used {key}"]),
    ]
    text = render(Document("config", "run", "settings", blocks), output)
    assert "hunter2" not in text
    assert key not in text
    assert "4096" in text
    assert "redacted" in text


def test_redaction_keeps_the_shape_of_a_configuration():
    tree = {"a": {"token": "x" * 30, "list": {"0": {"secret": "y"}}}, "b": 1}
    text = render(Document("config", "", "", [Tree("config", tree)]), "json")
    assert json.loads(text)["config"] == {
        "a": {"token": HIDDEN, "list": {"0": {"secret": HIDDEN}}},
        "b": 1,
    }
