"""What the everyday answers cost an agent, beside the same facts as JSON rows."""

from __future__ import annotations

import json
import random

import pytest

from runwise import Workspace, reports
from runwise_format import render

CHEAPER = 2.5


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two runs of 10,000 steps and 12 metrics."""
    folder = tmp_path_factory.mktemp("runs")
    for seed, (name, scale) in enumerate({"base": 1.0, "wide": 0.93}.items()):
        rows = make_rows(random.Random(seed), scale)
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def make_rows(rng, scale):
    for step in range(10_000):
        level = scale * (2.5 / (1 + step / 800) + 0.25)
        row = {
            "step": step,
            "time": 1.7e9 + step / 2,
            "train/loss": level + rng.gauss(0, 0.05),
            "train/accuracy": 1 - level / 4 + rng.gauss(0, 0.02),
            "train/aux_loss": level / 10 + rng.gauss(0, 0.01),
            "train/grad_norm": level / 3 + abs(rng.gauss(0, 0.1)),
            "train/lr": 3e-4 * (1 - step / 10_000),
            "epoch": step / 1000,
            "samples_per_sec": 1800 + rng.gauss(0, 20),
            "gpu_memory": 31.5 + rng.random(),
        }
        if step % 20 == 0:
            row |= {
                "val/loss": 1.1 * level + rng.gauss(0, 0.02),
                "val/accuracy": 1 - level / 3.5,
                "val/f1": 1 - level / 3,
                "val/perplexity": 2.718**level,
            }
        yield row


def as_json_rows(document, key, digits=None):
    """Return a table as JSON rows: the same facts, exact or to some significant digits."""
    table = next(one for one in document.blocks if one.key == key)
    places = [place for place, column in enumerate(table.columns) if not column.quiet]
    rows = [
        {table.columns[place].key: _brief(row[place], digits) for place in places}
        for row in table.rows
    ]
    return json.dumps(rows, separators=(",", ":"))


def _brief(cell, digits):
    return float(f"{cell:.{digits}g}") if digits and isinstance(cell, float) else cell


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ((["train/loss"], 500), 1250),
        ((["val/loss"], 500), 1250),
        ((["train/lr"], 500), 1250),
        ((["train/loss", "val/loss"], 500), 2300),
        ((["train/accuracy", "train/lr"], 500), 2300),
        ((["samples_per_sec", "gpu_memory"], 500), 2300),
        (([], None), 1000),
        ((["train/loss"], None), 1000),
        ((["train/*"], None), 1000),
        ((["*"], None), 1000),
    ],
)
def test_a_history_costs_little(project, monkeypatch, tokens, asked, most):
    monkeypatch.chdir(project)
    keys, points = asked
    document = reports.history(Workspace(), "base", keys=keys, points=points)
    cost = tokens(render(document))
    rows = tokens(as_json_rows(document, "curve", digits=3))
    print(f"history {keys or 'main metrics'} -n {points}: {cost}, as JSON rows of 3 digits {rows}")
    assert cost <= most
    assert rows >= CHEAPER * cost


def test_a_comparison_costs_little(project, monkeypatch, tokens):
    monkeypatch.chdir(project)
    document = reports.compare(Workspace(), ["base", "wide"])
    text = render(document)
    cost, rows = tokens(text), tokens(as_json_rows(document, "metrics"))
    print(f"comparison of 2 runs x 12 metrics: {cost}, as exact JSON rows {rows}\n{text}")
    assert cost <= 220
    assert rows >= CHEAPER * cost


def test_a_million_steps_fit_into_less_than_3000_tokens(write_run, monkeypatch, tmp_path, tokens):
    monkeypatch.chdir(tmp_path)
    write_run("long", ({"step": step, "loss": 1 / (1 + step / 999)} for step in range(1_000_000)))
    document = reports.history(Workspace(), "long", points=500)
    assert tokens(render(document)) <= 1250


def test_the_keys_of_sixty_metrics_cost_little(write_run, monkeypatch, tmp_path, tokens):
    monkeypatch.chdir(tmp_path)
    kinds = ("grad_norm", "weight_norm", "activation", "update")
    names = [f"layer_{layer}/{kind}" for layer in range(12) for kind in kinds]
    names += [f"train/{kind}" for kind in ("loss", "accuracy", "lr", "epoch", "tokens", "clip")]
    names += [f"val/{kind}" for kind in ("loss", "accuracy", "f1", "recall", "precision", "auc")]
    rows = [{"step": step, **dict.fromkeys(names, 0.5)} for step in range(500)]
    for row in rows[1:]:
        for name in names[-6:]:
            del row[name]
    write_run("base", rows)
    text = render(reports.keys(Workspace(), "base"))
    cost = tokens(text)
    as_json = tokens(json.dumps([{"name": name, "points": 500} for name in names]))
    print(f"keys of {len(names)} metrics: {cost}, as JSON rows {as_json}\n{text}")
    assert len(names) == 60
    assert cost <= 200
    assert as_json >= CHEAPER * cost
