"""Secrets do not reach a reader, and what only looks like one does."""

from __future__ import annotations

import json

import pytest

from runwise_format import Column, Document, Fields, Notes, Table, render
from runwise_format.document import Diff, Tree
from runwise_format.redaction import (
    HIDDEN,
    is_secret_name,
    redacted,
    redacted_lines,
    redacted_text,
)
from runwise_format.safety import clean
from runwise_format.shelf import known_outputs

SECRET_NAMES = [
    "api_key", "API_KEY", "apiKey", "wandb_api_key", "openai-api-key", "token", "hf_token",
    "HF_TOKEN", "authToken", "access_token", "password", "db_password", "passwd", "secret",
    "client_secret", "aws_secret_access_key", "AWS_ACCESS_KEY_ID", "private_key", "credentials",
    "Authorization", "ssh_key", "account_key", "api_keys", "api_tokens", "refresh_token", "dsn",
    "accessToken", "DB_PWD", "secrets",
]  # fmt: skip
PLAIN_NAMES = [
    "tokenizer", "tokens", "max_tokens", "pad_token_id", "pad_token", "eos_token", "token_type",
    "unk_token", "num_tokens", "key", "monkey", "primary_key", "keyboard", "secretary", "author",
    "passes", "patience", "path", "tokenizer_name", "loss_key", "metric_key", "stop_token", "lr",
    "token_dropout", "additional_special_tokens", "loss_per_token", "user_token", "keys",
]  # fmt: skip
# Said in two halves: a test looks for keys in the files of the repository.
SHAPES = [
    "sk-" + "abcdEFGH1234567890abcd", "sk-ant-" + "api03-abcdEFGH1234567890",
    "hf_" + "abcdefghijklmnopqrst", "ghp_" + "abcdefghij0123456789", "AKIA" + "ABCDEFGHIJKLMNOP",
    "AIza" + "SyA-1234567890abcdefghijklmnopqrstu", "glpat-" + "abcdefghij0123456789",
    "eyJhbGciOiJI." + "eyJzdWIiOiIx.SflKxwRJSMeKKF2Q", "xoxb-" + "123456789012-abcdef",
    "sk-proj-" + "ab_cd-EFGH1234", "github_pat_" + "11ABCDEFG0123456789",
    "ASIA" + "ABCDEFGHIJKLMNOP", "sk_live_" + "abcdEFGH12345678", "eyJ" + "hcGlfYWRkcmVzcyI6" * 5,
    "ya29." + "a0AfH6SMBx1234567890",
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


@pytest.mark.parametrize(
    "value",
    [512, 0.5, True, None, "", "<pad>", "</s>", "<|endoftext|>", "[PAD]", "true", "${oc.env:KEY}"],
)
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


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("HF_TOKEN=abc python a.py", f"HF_TOKEN={HIDDEN} python a.py"),
        ('export HF_TOKEN="a b"; x', f'export HF_TOKEN="{HIDDEN}"; x'),
        ("a.py hub.token=abc lr=1", f"a.py hub.token={HIDDEN} lr=1"),
        ("a.py --token 'x y' --lr 1", f"a.py --token '{HIDDEN}' --lr 1"),
        ("--password=-abc", f"--password={HIDDEN}"),
        ("f(token='x', lr=1)", f"f(token='{HIDDEN}', lr=1)"),
        ("{'api_key': 'hunter2', 'lr': 1}", f"{{'api_key': '{HIDDEN}', 'lr': 1}}"),
        ('{"password": "hunter2"}', f'{{"password": "{HIDDEN}"}}'),
        ("token=['a','b']", f"token={HIDDEN}"),
        ("curl -H 'Authorization: Bearer abc'", f"curl -H 'Authorization: {HIDDEN}'"),
        ("authorization: token abcdefgh", f"authorization: {HIDDEN}"),
        ("Your API key: abcdef123456", f"Your API key: {HIDDEN}"),
        ("wandb login --relogin 0123456789abcdef", f"wandb login --relogin {HIDDEN}"),
        ("machine x login me password hunter2", f"machine x login me password {HIDDEN}"),
        ("https://me:p@ss@host/x", f"https://{HIDDEN}@host/x"),
        ("https://me:p/ss@host/x", f"https://{HIDDEN}@host/x"),
        ("https://x.y/?token=abc&lr=1", f"https://x.y/?token={HIDDEN}&lr=1"),
        ("https://s3/x?X-Amz-Signature=abc", f"https://s3/x?X-Amz-Signature={HIDDEN}"),
        ("AccountKey=abc==;Suffix=core", f"AccountKey={HIDDEN};Suffix=core"),
        ("https://hooks.slack.com/services/T0/B0/x", f"https://hooks.slack.com/services/{HIDDEN}"),
    ],
)
def test_what_a_text_names_a_secret_is_hidden_and_the_rest_stays(text, hidden):
    assert redacted_text(text) == hidden
    assert redacted_text(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "Token: 82.5% | Seq: 72.5%",
        "token=1024 loss=.3",
        "--max_tokens 512 --tokenizer bert --pad_token_id 0 --token_dropout 0.1",
        "eos_token=</s> pad_token=[PAD] token=<s> use_auth_token=True",
        "secret: the learning rate matters",
        "ValueError: token: unexpected end",
        "unexpected token: 'x'",
        "2024-01-01 12:00:00 INFO auth: ok",
        "sk-learn-baseline-2024-long-name",
        "npm_install_something_very_long",
        "train/token_accuracy: 0.5",
    ],
)
def test_sentences_numbers_and_names_of_tokens_stay(text):
    assert redacted_text(text) == text


def test_a_private_key_is_hidden_on_one_line_and_over_several():
    begin, end = "-----BEGIN RSA PRIVATE " + "KEY-----", "-----END RSA PRIVATE " + "KEY-----"
    assert redacted_text(f"a {begin} MIIB {end} b") == f"a {HIDDEN} b"
    assert redacted_text(f"a {begin} MIIB and no end") == f"a {HIDDEN}"
    lines = ["ok", f"{begin}", "MIIBsecret", f"{end} tail", "fine"]
    assert redacted_lines(lines) == ["ok", HIDDEN, HIDDEN, f"{HIDDEN} tail", "fine"]
    rows = [[number, line] for number, line in enumerate(lines)]
    blocks = [Notes("n", lines), Table("t", [Column("line"), Column("text")], rows)]
    text = render(Document("console", "", "", blocks), "json")
    assert "MIIB" not in text
    assert text.count("fine") == 2


def test_colours_inside_a_secret_do_not_save_it():
    key = SHAPES[2]
    text = clean(f"used {key[:6]}\x1b[1m{key[6:]}\x1b[0m and token=\x1b[31mhunter2\x1b[0m")
    assert text == f"used {HIDDEN} and token={HIDDEN}"


@pytest.mark.parametrize("length", [100, 1_000, 10_000, 1_000_000])
def test_a_secret_is_hidden_before_a_long_text_is_cut(length):
    key = SHAPES[1]
    for text in (key + " " + "x" * length, "x" * length + " " + key):
        assert key[:12] not in clean(text)
        assert key[-8:] not in clean(text)


def test_a_table_of_settings_hides_by_the_name_in_the_row_and_by_the_column():
    columns = [Column("name", role="name"), Column("value"), Column("hf_token")]
    rows = [["api_key", "hunter2", 7], ["token_dropout", "0.1", "hunter2"], ["state", "ok", None]]
    data = json.loads(render(Document("x", "", "", [Table("t", columns, rows)]), "json"))
    assert [list(row.values()) for row in data["t"]] == [
        ["api_key", HIDDEN, 7],
        ["token_dropout", "0.1", HIDDEN],
        ["state", "ok", None],
    ]


def test_a_run_that_is_called_a_secret_keeps_its_state():
    columns = [Column("name", role="name"), Column("state")]
    table = Table("runs", columns, [["secret-sauce", "finished"]])
    assert "secret-sauce,finished" in render(Document("list", "", "", [table]))


@pytest.mark.parametrize(
    "text", ["x", "a=", "a b ", "--a ", "a='", "://a:", "sk-", "a:", "(", "Bearer "]
)
def test_a_long_text_without_a_secret_comes_through(text):
    assert redacted_text(text * 5_000) == text * 5_000


@pytest.mark.parametrize("output", sorted(known_outputs()))
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
