"""What answers cost an agent, in o200k tokens, as printed by the command."""

from __future__ import annotations

import math
import random
import re
import shutil

import pytest

BEGIN = 1_700_000_000.0
NAMES = [
    "train/loss", "train/accuracy", "train/grad_norm", "train/learning_rate", "val/loss",
    "val/accuracy", "val/f1", "epoch", "perf/tokens_per_second", "gpu/memory_allocated",
    "optimizer/weight_decay", "samples_seen",
]  # fmt: skip
ADJECTIVES = ["bert-large", "resnet50", "gpt-small", "vit-b16", "llama-8b", "t5-base"]


@pytest.fixture
def twelve(write_run):
    """Write a run of twelve metrics; the loss may have a spike and a NaN."""

    def write(name="3be9af2m", *, sick=False, steps=2000):
        rng = random.Random(name)
        rows = []
        for step in range(steps):
            level = math.exp(-step / 400)
            noise = [rng.gauss(0, 0.01) for _ in NAMES]
            values = [0.3 + 2 * level, 0.95 - 0.6 * level, 1.2 + level, 3e-4 * (1 - step / steps),
                      0.4 + 2 * level, 0.93 - 0.6 * level, 0.9 - 0.5 * level, step / 100,
                      41250.0 + 5000 * noise[8], 63.5 + noise[9], 0.01, 512.0 * step]  # fmt: skip
            row = dict(zip(NAMES, values, strict=True))
            for place in (0, 1, 2, 4, 5, 6):
                row[NAMES[place]] += noise[place]
            rows.append({"step": step, "time": BEGIN + step, **row})
        if sick:
            rows[1234]["train/loss"] = 19.5
            rows[1780]["val/loss"] = math.nan
        return write_run(name, rows)

    return write


@pytest.fixture
def cost(runwise, tokens, tmp_path):
    """Return what an answer costs, and the answer."""

    def call(*words, code=0):
        done = runwise(*words, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        text = done.stdout.decode()
        print(f"{tokens(text):6} tokens: runwise {' '.join(words)}")
        return tokens(text), text

    return call


def test_the_summary_of_a_healthy_run_costs_at_most_200(twelve, cost):
    twelve()
    tokens, text = cost("latest")
    assert "health 100: nothing found" in text
    assert all(name.rpartition("/")[2] in text for name in NAMES)
    assert tokens <= 200


def test_the_summary_of_a_run_with_two_findings_costs_at_most_280(twelve, cost):
    twelve(sick=True)
    tokens, text = cost("latest")
    assert text.count("\n! ") == 2
    assert tokens <= 280


@pytest.mark.parametrize("run", ["healthy", "spike", "killed"])
def test_the_summary_of_a_demo_run_costs_at_most_280(runwise, demo_root, tokens, run):
    text = runwise("run", run, cwd=demo_root).stdout.decode()
    print(f"{tokens(text):6} tokens: demo run {run}")
    assert tokens(text) <= (200 if run == "healthy" else 280)


@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_list_costs_at_most_30_a_run_and_60(twelve, cost, count):
    rng = random.Random(count)
    for number in range(count):
        name = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(8))
        twelve(f"{rng.choice(ADJECTIVES)}-{name}/metrics", steps=50 + number)
    tokens, text = cost("list", "-n", "50")
    assert text.startswith(f"{count} run")
    assert tokens <= 30 * count + 60


def test_a_list_of_tracked_runs_costs_at_most_30_a_run_and_60(
    runwise, demo_root, tmp_path, tokens
):
    for copy in range(4):
        shutil.copytree(demo_root / "wandb", tmp_path / f"copy{copy}" / "wandb")
    text = runwise("list", "-n", "50", cwd=tmp_path).stdout.decode()
    print(f"{tokens(text):6} tokens: a list of 20 tracked runs")
    assert len(text.splitlines()) >= 20
    assert tokens(text) <= 30 * 20 + 60


def test_a_thousand_metrics_cost_at_most_500_and_what_was_left_out_is_said(write_run, cost):
    names = [f"layer_{number // 10}/head_{number % 10}/attention_entropy" for number in range(999)]
    rows = [{"step": step, "train/loss": 1.0 / (step + 1), **dict.fromkeys(names, 0.123456 + step)}
            for step in range(60)]  # fmt: skip
    write_run("wide", rows)
    tokens, text = cost("latest")
    assert tokens <= 500
    assert "train/loss" in text
    shown = text.count(" 59.1")
    dropped = re.search(r"dropped: (\d+) metrics", text)
    assert dropped
    assert int(dropped[1]) >= 1000 - 1 - 24
    assert "more: runwise keys wide" in text
    print(f"       {shown} of the others shown")


@pytest.mark.parametrize("budget", [60, 100, 300, 1000])
@pytest.mark.parametrize("words", ["latest", "list", "keys nan", "check nan", "run nan"])
def test_a_budget_is_never_exceeded(runwise, demo_root, tokens, words, budget):
    for output in ("compact", "text", "json"):
        options = ("--format", output, "--max-tokens", str(budget))
        done = runwise(*words.split(), *options, cwd=demo_root)
        assert tokens(done.stdout.decode()) <= budget


@pytest.mark.parametrize("budget", [100, 300, 1000])
def test_a_budget_keeps_the_verdict_and_every_critical_finding(runwise, demo_root, tokens, budget):
    done = runwise("run", "nan", "--max-tokens", str(budget), cwd=demo_root)
    text = done.stdout.decode()
    assert text.startswith("nan (nan00001) finished, step 998 of 1000 (99%)")
    found = set(re.findall(r"^! critical non_finite (\S+) step \d+", text, re.MULTILINE))
    if budget > 100:
        assert found == {"train/loss", "val/loss", "grad_norm"}
    assert found or "! critical" in text
    print(f"{tokens(text):6} tokens of {budget}, {len(found)} critical findings")


def test_the_tools_of_the_server_are_described_in_few_tokens(tokens):
    import anyio
    import orjson

    from runwise_mcp.server import make_server

    tools = anyio.run(make_server().list_tools)
    for tool in tools:
        text = orjson.dumps([tool.name, tool.description, tool.input_schema]).decode()
        print(f"{tokens(text):6} tokens: tool {tool.name}")
        assert tokens(text) <= 170
