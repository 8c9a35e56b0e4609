"""The agent kit as a whole: what the skill costs, and what the plugin, the extension, the bundle
and the registry's entry say."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile

import anyio
import jsonschema
import pytest
from mcp import Client

import runwise
from runwise.agents.bundle import bundle
from runwise.agents.installing import skill_files
from runwise.agents.kit import kit_files
from runwise.agents.kit_trees import TOOLS
from runwise_mcp.server import make_server
from runwise_mcp.version import __version__ as server_version

BODY, DESCRIPTION = 700, 75
"""Tokens the skill may cost when it is read, and always."""
TEXT = {"type": "string", "minLength": 1}
REGISTRY = {
    "type": "object",
    "required": ["$schema", "name", "description", "version", "packages"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"},
        "name": {"type": "string", "pattern": r"^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$"},
        "title": {"type": "string", "maxLength": 100},
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "packages": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "required": ["registryType", "identifier", "version", "transport"],
            "additionalProperties": False,
            "properties": {
                "registryType": {"const": "pypi"},
                "identifier": {"const": "runwise-mcp"},
                "version": {"type": "string"},
                "runtimeHint": {"const": "uvx"},
                "transport": {"const": {"type": "stdio"}},
                "environmentVariables": {"type": "array", "items": {
                    "type": "object",
                    "required": ["name"],
                    "additionalProperties": False,
                    "properties": {
                        "name": TEXT, "description": TEXT, "isRequired": {"type": "boolean"},
                        "format": {"enum": ["string", "number", "boolean", "filepath"]},
                    },
                }},
            },
        }},
    },
}  # fmt: skip
"""The fields of the released schema that we use; the schema itself is not on this machine."""


@pytest.fixture(scope="module")
def kit():
    return kit_files(server_version)


@pytest.fixture(scope="module")
def tools(house):
    sys.path.insert(0, str(house))
    try:
        from tools import build_mcpb, skill_prices

        yield {"mcpb": build_mcpb, "prices": skill_prices}
    finally:
        sys.path.remove(str(house))


def tree(kit, name):
    return json.loads(kit[name])


def test_the_skill_is_as_short_as_promised(tokens):
    _, head, body = skill_files()["SKILL.md"].split("---\n", 2)
    described = re.search(r"^description: (.*)$", head, re.MULTILINE)[1]
    print(f"body {tokens(body)} tokens, name and description {tokens('runwise ' + described)}")
    assert tokens(body) <= BODY
    assert tokens("runwise " + described) <= DESCRIPTION


def test_the_prices_in_the_skill_are_what_answers_cost(tools):
    prices = tools["prices"]
    text = skill_files()["SKILL.md"]
    assert len(list(prices.rows(text))) >= 10
    assert prices.is_current(text, prices.measured), "run: python tools/skill_prices.py"
    wrong = prices.priced(text, lambda words: 990)
    assert not prices.is_current(wrong, prices.measured)


def test_the_folder_integrations_is_what_the_kit_writes(tools, kit):
    stale = tools["mcpb"].stale(kit)
    assert not stale, "run: python tools/build_mcpb.py"
    assert tools["mcpb"].stale({**kit, "README.md": ""}) == ["README.md"]


def test_the_plugin_sells_itself_with_its_server_and_skill(kit):
    shop, plugin = (tree(kit, f".claude-plugin/{name}.json") for name in ("marketplace", "plugin"))
    (offer,) = shop["plugins"]
    assert offer["source"] == "./"
    assert offer["name"] == plugin["name"] == "runwise"
    assert offer["version"] == plugin["version"] == runwise.__version__
    assert tree(kit, ".mcp.json")["mcpServers"] == {
        "runwise": {"command": "uvx", "args": ["runwise-mcp"]}
    }
    skill = {name.removeprefix("skills/runwise/"): kit[name] for name in kit if "skills/" in name}
    assert skill == skill_files()
    assert len(kit["README.md"].split()) >= 40


def test_the_extension_starts_the_same_server(kit):
    extension = tree(kit, "gemini-extension.json")
    assert re.fullmatch(r"[a-z0-9-]+", extension["name"])
    assert extension["mcpServers"] == tree(kit, ".mcp.json")["mcpServers"]


def test_the_registrys_entry_keeps_its_schema(kit):
    entry = tree(kit, "server.json")
    check = jsonschema.Draft202012Validator(REGISTRY)
    assert not list(check.iter_errors(entry))
    assert not check.is_valid({**entry, "description": "x" * 101})
    assert entry["version"] == entry["packages"][0]["version"] == server_version


def test_the_bundle_holds_what_it_starts_and_is_the_same_every_time(kit):
    data = bundle(kit)
    assert data == bundle(dict(reversed(kit.items())))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        project = archive.read("pyproject.toml").decode()
    assert manifest["server"]["entry_point"] in names
    assert manifest["server"]["entry_point"] in manifest["server"]["mcp_config"]["args"]
    asked = re.findall(r"\$\{user_config\.(\w+)\}", json.dumps(manifest["server"]))
    assert asked == list(manifest["user_config"])
    assert f'"runwise-mcp=={server_version}"' in project


def test_the_bundles_server_is_ours(kit):
    names: dict[str, object] = {}
    source = kit["mcpb/server/main.py"].replace("main()\n", "")
    exec(compile(source, "main.py", "exec"), names)
    from runwise_mcp.server import main

    assert names["main"] is main


def test_the_tools_named_in_the_manifest_are_the_servers(kit, tmp_path):
    async def names():
        async with Client(make_server([tmp_path])) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert set(TOOLS) == anyio.run(names)
    assert {tool["name"] for tool in tree(kit, "mcpb/manifest.json")["tools"]} == set(TOOLS)


def test_nothing_in_the_kit_names_this_machine(kit, house):
    for name, text in kit.items():
        assert str(house) not in text, name
        assert sys.prefix not in text, name
