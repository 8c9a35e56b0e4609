"""Every JSON output satisfies the schema that ships with it."""

from __future__ import annotations

import json

import pytest

from runwise_format import render
from runwise_format.schema import json_schema
from runwise_format.testing import hard_documents


def satisfies(value, schema, defs):
    """Return whether ``value`` satisfies the few keywords our schema uses."""
    if "$ref" in schema:
        return satisfies(value, defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        return any(satisfies(value, choice, defs) for choice in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return value == schema["const"]
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(is_a(value, name) for name in names):
        return False
    if isinstance(value, list):
        return all(satisfies(item, schema["items"], defs) for item in value)
    if isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        return set(schema.get("required", ())) <= set(value) and all(
            satisfies(item, known[key], defs)
            if key in known
            else rest is True or (rest is not False and satisfies(item, rest, defs))
            for key, item in value.items()
        )
    return True


def is_a(value, name):
    kinds = {
        "object": dict, "array": list, "string": str, "number": (int, float),
        "integer": int, "boolean": bool, "null": type(None),
    }  # fmt: skip
    if isinstance(value, bool) and name in ("number", "integer"):
        return False
    return isinstance(value, kinds[name])


@pytest.fixture
def schema():
    return json_schema()


def strict(text):
    """Parse JSON as RFC 8259 has it: no NaN, no Infinity, no key twice."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    def once(pairs):
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=once)


def test_a_report_satisfies_the_schema(report, schema):
    assert satisfies(strict(render(report, "json")), schema, schema["$defs"])
    assert satisfies(strict(render(report, "json", max_tokens=100)), schema, schema["$defs"])


def test_a_missing_key_or_a_strange_block_does_not(report, schema):
    data = strict(render(report, "json"))
    assert not satisfies({**data, "schema": 2}, schema, schema["$defs"])
    assert not satisfies({**data, "block": [1, 2]}, schema, schema["$defs"])
    del data["verdict"]
    assert not satisfies(data, schema, schema["$defs"])


@pytest.mark.parametrize("name", sorted(hard_documents()))
def test_hard_documents_are_valid_json_too(name, schema):
    data = strict(render(hard_documents()[name], "json", max_tokens=2000))
    assert satisfies(data, schema, schema["$defs"])


def test_the_schema_is_a_copy_nobody_can_spoil(schema):
    assert json.loads(json.dumps(schema)) == schema
    schema["properties"].clear()
    assert json_schema()["properties"]
