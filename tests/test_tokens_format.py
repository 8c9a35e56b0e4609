"""What reports really cost, counted with the o200k vocabulary that ships inside rs-bpe.

The package estimates; here the estimate and the promise of ``max_tokens`` meet the truth.
"""

from __future__ import annotations

import math
import random
import string
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rs_bpe.bpe import openai

from runwise_format import Column, Document, Fields, Findings, Notes, Table, Trend, render
from runwise_format.cells import At
from runwise_format.document import Diff, Problem, Tree
from runwise_format.render import Style
from runwise_format.testing import hard_documents
from runwise_format.tokens import count_tokens

OUTPUTS = ("compact", "text", "json")
METRICS = [
    "train/loss",
    "train/accuracy",
    "train/lr",
    "train/grad_norm",
    "val/loss",
    "val/accuracy",
    "val/f1",
    "val/perplexity",
    "epoch",
    "learning_rate",
    "gpu/0/memory_allocated",
    "perf/tokens_per_second",
    "optimizer/weight_decay",
    "loss_scale",
    "eval/rouge/rougeL",
    "reward/mean",
    "policy/kl",
    "system/cpu_percent",
    "layer_0/grad_norm",
    "layer_10/weight_std",
    "samples_seen",
    "val_loss",
    "train_runtime",
    "charts/episodic_return",
    "losses/value_loss",
    "test/mAP@0.5",
    "bleu",
    "WER",
    "fid",
]
FINDINGS = (
    Problem("critical", "non_finite", "train/loss", 4210, "3 NaN", "Lower the learning rate.",
            {"value": "NaN", "onset": 4210}, 3),
    Problem("warning", "loss_spike", "train/loss", 1200, "9.5 is 94 spreads above the median 2.01",
            "Look at this batch, then clip gradients.", {"value": 9.5, "threshold": 8.0}),
)  # fmt: skip


@pytest.fixture(scope="module")
def real():
    return openai.o200k_base().count


def curve(rng, points=10):
    level = rng.uniform(0.1, 5)
    return tuple(level * math.exp(-place / 3) + rng.gauss(0, 0.02) for place in range(points))


def run_id(rng, length=8):
    return "".join(rng.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def summary(seed, metrics=12, findings=()):
    rng = random.Random(seed)
    names = rng.sample(METRICS, metrics)
    rows = [
        [
            name,
            rng.lognormvariate(-1, 1.5),
            At(rng.lognormvariate(-1, 1.5), rng.randrange(100, 99_999)),
            Trend(curve(rng), rng.choice(["up", "down", "flat", "noisy"])),
        ]
        for name in names[: metrics // 2]
    ]
    rest = {name: rng.lognormvariate(-2, 2.5) for name in names[metrics // 2 :]}
    columns = [Column("name", role="name"), Column("last"), Column("best"), Column("trend")]
    return Document(
        "summary",
        f"resnet50 ({run_id(rng)})",
        f"finished at step {rng.randrange(99_999)}; last row 14 min ago, usually every 2 s",
        [
            Findings("findings", findings),
            Table("metrics", columns, rows),
            Fields("rest", rest),
            Notes("notes", ["line 51 of metrics.jsonl: it is not valid JSON"] * (seed % 2)),
        ],
        more=f"runwise run {run_id(rng)} -k train/loss",
    )


def listing(seed, runs=20):
    rng = random.Random(seed)
    rows = [
        [
            run_id(rng, 4),
            f"{rng.choice(['sweep', 'baseline', 'ft'])}-{rng.choice(['lr', 'aug'])}-{number}",
            rng.choice(["finished", "crashed", "running", "killed"]),
            rng.randrange(5_000_000),
            rng.randrange(100_000),
            rng.lognormvariate(-1, 1),
            Trend(curve(rng), "down"),
        ]
        for number in range(runs)
    ]
    roles = {"id": "name", "name": "name", "state": "state", "age": "time", "step": "step"}
    columns = [Column(key, role=roles.get(key, "")) for key in (*roles, "val/loss", "trend")]
    return Document(
        "list", "runs", f"{runs} runs, 2 running", [Table("runs", columns, rows)], "runwise run ID"
    )


def history(seed, points=20, metrics=5):
    rng = random.Random(seed)
    names = rng.sample(METRICS, metrics - 1)
    rows = [
        [500 * (row + 1), *[rng.lognormvariate(-1, 1) for _ in names], 3e-4 * (1 - row / points)]
        for row in range(points)
    ]
    columns = [Column("step", role="step"), *map(Column, names), Column("lr")]
    return Document("history", "run", "20 of 5000 steps", [Table("history", columns, rows)])


def comparison(seed):
    rng = random.Random(seed)
    config = {
        "optimizer": {"name": "adamw", "lr": 3e-4, "betas": "[0.9, 0.999]", "weight_decay": 0.01},
        "model": {"hidden_size": 768, "num_layers": 12, "dropout": 0.1, "activation": "gelu"},
        "data": {"path": "/data/imagenet/train", "batch_size": 64, "num_workers": 8},
        "seed": rng.randrange(10**6),
        "fp16": True,
        "resume": None,
    }
    rows = [("optimizer.lr", [1e-3, rng.random()]), ("data.batch_size", [32, 64])]
    return Document(
        "compare",
        "two runs",
        f"2 settings differ, val/loss {rng.random():.3g} against {rng.random():.3g}",
        [Diff("settings", ["exp-lr-12", "baseline-3"], rows), Tree("config", config)],
    )


def reports():
    for seed in range(8):
        yield summary(seed, findings=FINDINGS[: seed % 3])
        yield summary(seed, metrics=len(METRICS))
        yield listing(seed)
        yield history(seed)
        yield comparison(seed)


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_estimate_is_close_on_reports(output, real):
    errors = []
    for report in reports():
        for style in (Style(), Style(ascii=True)):
            text = render(report, output, style=style)
            errors.append(count_tokens(text) / real(text) - 1)
    print(f"{output}: mean {mean(map(abs, errors)):.1%}, {min(errors):.1%}..{max(errors):.1%}")
    assert mean(map(abs, errors)) <= 0.08
    assert max(map(abs, errors)) <= 0.20


@pytest.mark.parametrize(
    "alphabet",
    [
        string.ascii_lowercase, string.ascii_uppercase, string.ascii_letters, string.digits,
        string.ascii_letters + string.digits + "+/", string.punctuation, "aeiou", "_ab", '",',
        ".0123", string.printable[:95], "абвгдежз", "ñéüßøå", "学習率損失精度", "가나다라마바",
        "🦜🔥🚀🧪👩💻", "𓀀𓁐𓂀𝔸𝕓𝖈", "⠋⠙⠹⡇⣿⌘⏎", "ሀሁሂᚠᚡᠠᠡ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [1, 3, 8, 40])
def test_a_budget_holds_for_names_of_any_alphabet(alphabet, length, real):
    rng = random.Random(length)
    names = ["".join(rng.choice(alphabet) for _ in range(length)) for _ in range(300)]
    document = Document(
        "list",
        names[0],
        names[1],
        [
            Table("table", [Column("name"), Column("value")], [[name, 0.5] for name in names]),
            Fields("fields", {name: name for name in names[:9]}),
            Notes("notes", [" ".join(names[:9])]),
        ],
        names[2],
    )
    for output in OUTPUTS:
        for budget in (40, 100, 300, 1000):
            assert real(render(document, output, max_tokens=budget) + "\n") <= budget


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(max_size=60), min_size=4, max_size=40),
    st.integers(40, 500),
    st.sampled_from(OUTPUTS),
)
def test_a_budget_holds_for_any_text(texts, budget, output):
    finding = Problem("critical", texts[0], texts[1], 7, texts[2], texts[3])
    document = Document(
        "summary",
        texts[0],
        texts[1],
        [
            Findings("findings", [finding]),
            Table("table", [Column("name"), Column("x")], [[text, 1.5] for text in texts]),
            Fields("fields", dict.fromkeys(texts, 3e-5)),
            Tree("tree", {text: {text: text} for text in texts}),
        ],
        texts[3],
    )
    text = render(document, output, max_tokens=budget)
    assert openai.o200k_base().count(text + "\n") <= budget


@pytest.mark.parametrize("name", hard_documents())
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_budget_holds_for_hard_documents(name, output, real):
    for budget in (40, 100, 300, 1000):
        assert real(render(hard_documents()[name], output, max_tokens=budget) + "\n") <= budget


@pytest.mark.parametrize(
    ("output", "budget"),
    [("compact", 100), *((output, budget) for output in OUTPUTS for budget in (300, 1000, 5000))],
)
def test_a_budget_is_used(output, budget, real):
    text = render(listing(1, runs=500), output, max_tokens=budget)
    assert 0.6 * budget <= real(text) <= budget


def test_a_thousand_metrics_fit_five_hundred_tokens(real):
    rng = random.Random(0)
    items = {f"{METRICS[i % 29]}_{i}": rng.random() for i in range(1000)}
    text = render(Document("keys", "", "1000 metrics", [Fields("rest", items)]), max_tokens=500)
    assert real(text) <= 500
    assert " rest" in text.splitlines()[-1]


def test_compact_reports_are_as_cheap_as_designed(real):
    costs = {
        "summary": real(render(summary(0))),
        "summary with two findings": real(render(summary(0, findings=FINDINGS))),
        "list of 20": real(render(listing(0))),
        "history of 100 values": real(render(history(0))),
    }
    print(costs)
    assert costs["summary"] <= 200
    assert costs["summary with two findings"] <= 280
    assert costs["list of 20"] <= 30 * 20 + 60
    assert costs["history of 100 values"] <= 400


def test_a_scaled_column_is_never_dearer(real):
    rates = [3e-4 * (1 - row / 20) for row in range(20)]
    table = Table("t", [Column("step", role="step"), Column("lr")], list(enumerate(rates)))
    scaled = render(Document("x", "", "v", [table]))
    assert "lr_e-6" in scaled
    plain = scaled.replace("lr_e-6", "lr").splitlines()[:2]
    plain += [f"{step},{f'{rate:.3g}'.lstrip('0')}" for step, rate in enumerate(rates)]
    assert real(scaled) < real("\n".join(plain))


def test_ten_digits_of_trend_cost_four_tokens(real):
    table = Table("t", [Column("trend")], [[Trend(tuple(range(10, 0, -1)))]])
    text = render(Document("x", "", "v", [table])).splitlines()[-1]
    assert (len(text), real(text)) == (10, 4)


def test_grouping_names_never_costs_more(real):
    names = ["train/loss", "train/accuracy", "val/loss", "val/accuracy", "gpu/0/mem", "gpu/1/mem"]
    grouped = render(Document("x", "", "v", [Fields("f", dict.fromkeys(names, 0.5))]))
    flat = "v\n" + ", ".join(f"{name} .5" for name in names)
    assert real(grouped) <= real(flat)
