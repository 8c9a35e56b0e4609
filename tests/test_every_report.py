"""What is promised of every answer, over every report on every run in this repository.

Schemas, what an answer is estimated to cost, and budgets, on the demo runs and on those that
each tracker wrote. New reports are found by themselves: `tools/every_report.py` asks them all.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from statistics import mean

import jsonschema
import pytest

import runwise
from runwise import schemas
from runwise_format import Findings, render
from runwise_format.read_back import strict_json
from runwise_format.shelf import known_outputs
from runwise_format.tokens import count_tokens

OUTPUTS = sorted(known_outputs())
COUNTED = [name for name in OUTPUTS if getattr(known_outputs()[name], "counted", True)]


@pytest.fixture(scope="module")
def tool(house):
    """Import a tool of the repository by name."""
    sys.path.insert(0, str(house))
    try:
        from tools import every_report, json_docs

        yield {"every_report": every_report, "json_docs": json_docs}
    finally:
        sys.path.remove(str(house))


@pytest.fixture(scope="module")
def every(tool):
    """Every document there is, with what was asked."""
    return list(tool["every_report"].documents(tool["every_report"].places()))


@pytest.fixture(scope="module")
def demo(tool):
    """Every document about the demo runs, as somebody gets it who stands in their directory."""
    place = tool["every_report"].DEMO
    before = Path.cwd()
    os.chdir(place)
    try:
        return list(tool["every_report"].documents([place]))
    finally:
        os.chdir(before)


def check_of(kind):
    return jsonschema.Draft202012Validator(schemas.schema(kind))


def test_every_json_keeps_the_schema_of_its_kind(every):
    checks = {kind: check_of(kind) for kind in schemas.kinds()}
    for label, document in every:
        data = strict_json(render(document, "json"))
        for error in checks[document.kind].iter_errors(data):
            pytest.fail(f"{label}: {error.json_path} {error.message[:300]}")


@pytest.mark.parametrize("budget", [100, 300, 1000])
def test_what_a_budget_leaves_keeps_the_schema_too(demo, budget):
    for label, document in demo:
        data = strict_json(render(document, "json", max_tokens=budget))
        assert not list(check_of(document.kind).iter_errors(data)), label


def test_a_schema_refuses_what_it_does_not_know():
    document = runwise.reports.kinds()
    data = strict_json(render(document, "json"))
    check = check_of("kinds")
    assert check.is_valid(data)
    assert not check.is_valid({**data, "more_blocks": []})
    assert not check.is_valid({**data, "kinds": [{"kind": "x", "unheard_of": 1}]})
    assert not check.is_valid({**data, "kind": "list"})


def test_every_kind_a_report_can_be_has_a_schema(house):
    folder = house / "packages/runwise-cli/src/runwise/reports"
    said = {
        kind
        for path in folder.glob("*.py")
        for kind in re.findall(r'Document\(\s*kind="(\w+)"', path.read_text(encoding="utf-8"))
    }
    missing = said - set(schemas.kinds())
    assert not missing, (
        f"no schema of {missing}: ask it in tools/every_report.py, run tools/json_docs.py"
    )


def test_schemas_and_docs_are_current(tool, every):
    files = tool["json_docs"].files_of(document for _, document in every)
    stale = [path.name for path, text in files.items() if path.read_text("utf-8") != text]
    assert not stale, "run: python tools/json_docs.py"


def test_an_unknown_kind_is_refused_with_those_there_are():
    with pytest.raises(LookupError, match=r"no report of kind 'lsit' among .*list"):
        schemas.schema("lsit")


@pytest.mark.parametrize("output", COUNTED)
def test_the_estimate_is_within_5_percent_on_average_and_20_at_worst(every, output, tokens):
    """Of a short answer a word is a large share: there five tokens may be amiss."""
    errors = []
    for label, document in every:
        text = render(document, output)
        cost, guess = tokens(text), count_tokens(text)
        errors.append(guess / cost - 1 if cost else 0.0)
        assert abs(guess - cost) <= max(0.2 * cost, 5), f"{label}: {guess} for {cost}"
    print(f"{output}: mean {mean(map(abs, errors)):.1%}, {min(errors):.1%}..{max(errors):.1%}")
    assert mean(map(abs, errors)) <= 0.05


@pytest.mark.parametrize("budget", [100, 300, 1000])
@pytest.mark.parametrize("output", COUNTED)
def test_a_budget_is_never_exceeded_and_keeps_what_matters(demo, output, budget, tokens):
    for label, document in demo:
        whole = render(document, output)
        text = render(document, output, max_tokens=budget)
        assert tokens(text + "\n") <= budget, f"{label}: {tokens(text)} tokens"
        cut = text != whole
        assert not cut or "dropped" in text, f"{label}: cut without a word"
        if output != "csv":  # which holds rows alone
            assert_told(label, document, text, output, budget)


def assert_told(label, document, text, output, budget):
    """The verdict is there, and from 300 tokens on every critical finding is too.

    JSON with a critical finding costs nearly 100 tokens with nothing else: there the middle of
    the verdict gives way.
    """
    begin = re.sub(r"[\\`]", "", document.verdict)[: 8 if "json" in output else 30]
    assert begin in re.sub(r"[\\`]", "", text), f"{label}: no verdict in {text[:80]!r}"
    grave = [item for block in document.blocks if isinstance(block, Findings)
             for item in block.items if item.severity == "critical"]  # fmt: skip
    if grave and (output, budget) != ("ndjson", 100):  # each of its lines has a frame
        assert "critical" in text, f"{label}: no critical finding"
    if budget >= 300 and output in ("compact", "text"):
        assert all(item.metric in text for item in grave), f"{label}: a critical finding is gone"
    if text != render(document, output) and document.more and budget >= 300:
        assert re.sub(r"[\\`]", "", document.more) in re.sub(r"[\\`]", "", text), label
