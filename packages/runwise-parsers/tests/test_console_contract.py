"""The contract of sources, for text logs in several of the ways in which they are printed."""

from __future__ import annotations

import pytest

from runwise_parsers.sources.console import Console
from runwise_parsers.testing import SOURCE_CHECKS


def pairs(step, row):
    return f"step: {step}, " + ", ".join(f"{name}: {value!r}" for name, value in row.items())


def equals(step, row):
    told = " ".join(f"{name}={value!r}" for name, value in row.items())
    return f"[2026-01-05 10:{step // 60:02}:{step % 60:02},123] INFO trainer: iter={step} {told}"


def coloured(step, row):
    told = " | ".join(f"{name}: {value!r}" for name, value in row.items())
    return f"\x1b[32mstep {step:05}/99999\x1b[0m | {told}"


def torchtune(step, row):
    return f"Step {step} | " + " ".join(f"{name}:{value}" for name, value in row.items()) + " "


def hugging_face(step, row):
    told = ", ".join(f"'{name}': '{value!r}'" for name, value in row.items())
    return "{" + told + f", 'step': {step}}}"


def table(step, row):
    cells = "\n".join(f"| {name:<12} | {value!r:<12} |" for name, value in row.items())
    rule = "-" * 31
    return f"{rule}\n{cells}\n| step         | {step:<12} |\n{rule}"


def bar(step, row):
    told = ", ".join(f"{name}={value!r}" for name, value in row.items())
    full = "█" * (step // 50)
    return f"Epoch 1:  {step // 9}%|{full:<8}| {step}/999 [00:01<00:09,  9.8it/s, {told}]"


def megatron(step, row):
    told = " | ".join(f"{name}: {value!r}" for name, value in row.items())
    return f" iteration {step:8}/  999999 | {told} | number of nan iterations:   0 |"


WAYS = {
    "pairs": (pairs, "\n"),
    "equals": (equals, "\r\n"),
    "coloured": (coloured, "\n"),
    "torchtune": (torchtune, "\n"),
    "hugging face": (hugging_face, "\n"),
    "tables": (table, "\n"),
    "bars": (bar, "\r"),
}


@pytest.fixture(params=WAYS)
def write_log(request):
    line, end = WAYS[request.param]

    def write(folder, rows):
        path = folder / "train.log"
        lines = ["Loading data ...", "model: 124M parameters", *(line(*row) for row in rows)]
        path.write_bytes("".join(one + end for one in lines).encode())
        return path

    return write


@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_text_logs_hold_the_contract(check, write_log, tmp_path):
    check(Console(), write_log, tmp_path)
