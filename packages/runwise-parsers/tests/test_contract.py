from __future__ import annotations

import json
import math

import pytest

from runwise_parsers.sources.jsonl import Jsonl
from runwise_parsers.sources.wandb import Wandb
from runwise_parsers.testing import CHECKSUM_CHECKS, SOURCE_CHECKS


def padded(row):
    """A row with a text, so that a sample spans several blocks and windows."""
    return {**row, "text": "x" * 900}


@pytest.fixture(params=["core", "old", "old, no numbers"])
def write_wandb(request, writer, save):
    def write(folder, rows):
        log = writer(request.param.split(",")[0], numbered="," not in request.param).start()
        for step, row in rows:
            log.row(step, padded(row), clock=1_700_000_000.5 + step)
        return save(log, root=folder) / "run-abc12345.wandb"

    return write


@pytest.fixture(params=["numbers", "texts", "nested"])
def write_jsonl(request):
    """Write rows as scripts do: NaN as a bare word, as text, or metrics in objects."""

    def line(step, row):
        if request.param == "texts":
            row = {k: v if math.isfinite(v) else json.loads(f'"{v}"') for k, v in row.items()}
        if request.param == "nested":
            row = {"a": dict(row)}
        return json.dumps({"step": step, "time": 1_700_000_000.5 + step, **padded(row)})

    def write(folder, rows):
        path = folder / "metrics.jsonl"
        path.write_text("".join(f"{line(step, row)}\n" for step, row in rows))
        return path

    return write


@pytest.mark.parametrize("check", [*SOURCE_CHECKS, *CHECKSUM_CHECKS])
def test_the_wandb_source_holds_the_contract(check, write_wandb, tmp_path):
    check(Wandb(), write_wandb, tmp_path)


@pytest.mark.parametrize("write_jsonl", ["numbers", "texts"], indirect=True)
@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_the_jsonl_source_holds_the_contract(check, write_jsonl, tmp_path):
    check(Jsonl(), write_jsonl, tmp_path)
