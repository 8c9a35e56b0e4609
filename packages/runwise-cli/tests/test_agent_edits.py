"""Editing other programs' settings: one entry in, the same entry out, every other byte alone."""

from __future__ import annotations

import json
import sys
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise.agents import json_edit, json_text, toml_edit

ENTRY = {"type": "stdio", "command": "runwise-mcp", "args": ["--root", "/a b/ü"]}
TOML = {"command": 'py"thon', "args": ["-m", "runwise_mcp"], "startup_timeout_sec": 30}
STRICT = {
    "nothing in it": "{}",
    "an empty object on two lines": "{\n}\n",
    "an empty section": '{"mcpServers": {}}\n',
    "a section over two lines": '{\n  "mcpServers": {\n  }\n}\n',
    "another server": '{\n  "mcpServers": {\n    "a": {"command": "b"}\n  }\n}\n',
    "other settings alone": '{\n\t"theme": "dark",\n\t"n": [1, {"mcpServers": 3}]\n}\n',
    "all on one line": '{"theme": "dark", "mcpServers": {"a": {"command": "b"}}, "z": 1}',
    "line ends of Windows": '{\r\n    "mcpServers": {\r\n        "a": {}\r\n    }\r\n}\r\n',
    "a byte order mark": '\ufeff{\n  "a": 1\n}\n',
    "no line end": '{\n   "a": 1\n}',
    "space everywhere": ' \n{ "a" : 1 , "mcpServers" : { "b" : { } } } \n\n',
    "an empty file": "",
    "a line end alone": "\n",
    "a name written in escapes": '{"mcp\\u0053ervers": {"a": {}}}',
    "the same name twice": '{"mcpServers": {"x": {}}, "mcpServers": {"a": {}}}',
}
COMMENTED = {
    "a comment behind the last": '{\n  "a": 1 // one\n  // end\n}\n',
    "a comma before the end": '{\n  "servers": {\n    "a": {"command": "b",},\n  },\n}\n',
    "a comma, then a comment": '{\n  "a": 1, // c\n}\n',
    "a comment in an empty object": "{ // nothing yet\n}\n",
    "a comment in an empty section": '{"servers": {/* none */}}',
    "a comment before": '// ours\n/* and { "servers": {} } */\n{"a": "// no comment"}\n',
    "a comment with a bracket": '{\n  "servers": {\n    "a": {} // }\n  }\n}\n',
    "a comment on one line": '{"a": 1 /* one */}',
}
TOMLS = {
    "nothing": "",
    "a line end": "\n",
    "others": '# mine\nmodel = "o"\n\n[mcp_servers.a]\ncommand = "b" # c\n',
    "no line end": 'model = "o"',
    "line ends of Windows": "[a]\r\nb = 1\r\n",
    "comments at the end": "[a]\nb = 1\n\n# the end\n\n\n",
}


@pytest.mark.parametrize("text", STRICT.values(), ids=STRICT)
def test_json_gets_the_entry_keeps_the_rest_and_is_restored_to_the_byte(text):
    edited = json_edit.put(text, "mcpServers", "runwise", ENTRY)
    before = json.loads(text.strip("\ufeff") or "{}") if text.strip() else {}
    after = json.loads(edited.lstrip("\ufeff"))
    servers = after["mcpServers"]
    assert servers.pop("runwise") == ENTRY
    assert servers == before.get("mcpServers", {})
    assert {**after, "mcpServers": 0} == {**before, "mcpServers": 0}
    assert json_edit.put(edited, "mcpServers", "runwise", ENTRY) == edited
    assert json_edit.take(edited, "mcpServers", "runwise") == (text or None)


@pytest.mark.parametrize("text", [*STRICT.values(), *COMMENTED.values()])
def test_json_with_comments_keeps_every_comment_and_is_restored_to_the_byte(text):
    edited = json_edit.put(text, "servers", "runwise", ENTRY, comments=True)
    assert json_edit.entries(edited, "servers", comments=True)["runwise"] == ENTRY
    for comment in ("// one", "// end", "// c", "/* none */", "// nothing yet", "// }"):
        assert (comment in edited) == (comment in text)
    assert json_edit.put(edited, "servers", "runwise", ENTRY, comments=True) == edited
    assert json_edit.take(edited, "servers", "runwise", comments=True) == (text or None)


def test_a_new_file_is_drawn_as_people_write_it_and_goes_with_the_entry():
    text = json_edit.put("", "mcpServers", "runwise", {"command": "c", "args": []})
    assert text == (
        '{\n  "mcpServers": {\n    "runwise": {\n      "command": "c",\n      "args": []\n'
        "    }\n  }\n}\n"
    )
    assert json_edit.take(text, "mcpServers", "runwise") is None


def test_the_neighbours_decide_how_an_entry_is_indented():
    text = '{\n\t"mcpServers": {\n\t\t"a": {\n\t\t\t"command": "b"\n\t\t}\n\t}\n}\n'
    edited = json_edit.put(text, "mcpServers", "runwise", {"command": "c"})
    assert '},\n\t\t"runwise": {\n\t\t\t"command": "c"\n\t\t}\n\t}\n}\n' in edited


def test_what_a_user_added_to_our_entry_stays_when_the_command_changes():
    text = '{"mcpServers": {"runwise": {"command": "old", "env": {"A": "1"}}, "b": {}}}'
    edited = json_edit.put(text, "mcpServers", "runwise", {"command": "new"})
    assert edited == text.replace("old", "new")


def test_an_entry_between_others_is_taken_with_one_comma():
    text = '{"mcpServers": {"a": {}, "runwise": {}, "b": {}}}'
    assert json_edit.take(text, "mcpServers", "runwise") == '{"mcpServers": {"a": {}, "b": {}}}'
    first = '{"mcpServers": {"runwise": {}, "b": {}}}'
    assert json_edit.take(first, "mcpServers", "runwise") == '{"mcpServers": { "b": {}}}'
    commented = '{"servers": {"a": {}, // first\n "runwise": {},\n "b": {}}}'
    left = json_edit.take(commented, "servers", "runwise", comments=True)
    assert left == '{"servers": {"a": {}, // first\n "b": {}}}'


def test_a_file_without_the_entry_is_left_as_it_is():
    for text in [*STRICT.values()]:
        assert json_edit.take(text, "mcpServers", "runwise") == text
    for text in TOMLS.values():
        assert toml_edit.take(text, "mcp_servers", "runwise") == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1', "line 1: neither a comma nor }"),
        ('{\n"a" 1}', "line 2: no colon"),
        ("{\n\n'a': 1}", "line 3: no name in quotes"),
        ('{"a": 1} x', "line 1: more after the end"),
        ('{"a": 01}', "neither a comma nor }"),
        ('{"a": "b}', "a text that does not end"),
        ('{"a": NaN}', "no value"),
        ("[1]", "not an object"),
        ('{"mcpServers": []}', "mcpServers is not an object"),
        ('{"a": 1,}', "a comma before the end"),
        ('{"a": 1} // c', "a comment, which this file may not hold"),
        ("[" * 9999, "nested too deeply"),
        ('{"a": /* 1}', "no value"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text, says):
    for edit in (
        lambda: json_edit.put(text, "mcpServers", "runwise", ENTRY),
        lambda: json_edit.take(text, "mcpServers", "runwise"),
    ):
        with pytest.raises(json_text.TextError, match=says):
            edit()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text() | st.sampled_from(["servers"]), JSON),
    st.dictionaries(st.text(max_size=3), JSON, max_size=3),
    st.sampled_from([None, 1, 2, "\t"]),
)
def test_any_settings_are_edited_and_restored(tree, servers, indent):
    servers.pop("runwise", None)
    for text in (
        json.dumps({**tree, "servers": servers}, indent=indent, ensure_ascii=False),
        json.dumps({key: tree[key] for key in tree if key != "servers"}, indent=indent),
    ):
        before = json.loads(text)
        edited = json_edit.put(text, "servers", "runwise", ENTRY)
        after = json.loads(edited)
        assert after["servers"].pop("runwise") == ENTRY
        assert after == {**before, "servers": before.get("servers", {})}
        assert json_edit.take(edited, "servers", "runwise") == text
        assert json_text.read(text, comments=True).data == before


@given(st.text(alphabet='{}[]":,/*\n ae1\\'))
def test_any_text_is_read_or_refused_as_pythons_own_reader_does(text):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(json_text.TextError):
            json_text.read(text, comments=False)
    else:
        assert json_text.read(text, comments=False).data == expected


@pytest.mark.parametrize("text", TOMLS.values(), ids=TOMLS)
def test_toml_gets_the_entry_keeps_the_rest_and_is_restored_to_the_byte(text):
    reader = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    edited = toml_edit.put(text, "mcp_servers", "runwise", TOML)
    after = reader.loads(edited)
    assert after["mcp_servers"].pop("runwise") == TOML
    assert {"mcp_servers": {}, **after} == {"mcp_servers": {}, **reader.loads(text)}
    assert edited.startswith(text)
    assert toml_edit.put(edited, "mcp_servers", "runwise", TOML) == edited
    assert toml_edit.take(edited, "mcp_servers", "runwise") == (text or None)


def test_a_table_that_somebody_put_between_our_marks_is_theirs():
    edited = toml_edit.put("a = 1\n", "mcp_servers", "runwise", TOML)
    other = '\n[mcp_servers.other]\ncommand = "x"\n'
    inside = edited.replace(toml_edit.END, other + toml_edit.END)
    changed = toml_edit.put(inside, "mcp_servers", "runwise", {**TOML, "command": "new"})
    assert toml_edit.entries(changed, "mcp_servers")["other"] == {"command": "x"}
    assert toml_edit.entries(changed, "mcp_servers")["runwise"]["command"] == "new"
    for text in (inside, changed):
        left = toml_edit.take(text, "mcp_servers", "runwise")
        assert toml_edit.entries(left, "mcp_servers") == {"other": {"command": "x"}}
        assert left.startswith("a = 1\n")


def test_what_a_user_added_between_our_marks_stays():
    edited = toml_edit.put("", "mcp_servers", "runwise", TOML)
    more = edited.replace(
        toml_edit.END, f'enabled = false\nenv = {{ "A" = "1" }}\n{toml_edit.END}'
    )
    again = toml_edit.put(more, "mcp_servers", "runwise", {**TOML, "command": "new"})
    found = toml_edit.entries(again, "mcp_servers")["runwise"]
    assert found == {**TOML, "command": "new", "enabled": False, "env": {"A": "1"}}


def test_a_table_without_marks_is_found_by_its_name():
    """As Codex leaves it when it writes its file: no mark before it, one lost behind another."""
    text = (
        'model = "o"\n\n[mcp_servers.runwise]\ncommand = "mine"\nargs = [\n  "a",\n]\n\n'
        '[mcp_servers.runwise.env]\nA = "1"\n\n# theirs\n[mcp_servers.other]\n'
        f'command = "x"\n{toml_edit.END}\n'
    )
    left = toml_edit.take(text, "mcp_servers", "runwise")
    assert left == 'model = "o"\n\n\n# theirs\n[mcp_servers.other]\ncommand = "x"\n'
    changed = toml_edit.put(text, "mcp_servers", "runwise", TOML)
    assert changed.startswith(left)
    found = toml_edit.entries(changed, "mcp_servers")["runwise"]
    assert found == {**TOML, "env": {"A": "1"}}
    assert toml_edit.put(text, "mcp_servers", "runwise", {"command": "mine"}) == text


def test_an_entry_that_is_no_table_is_left_to_a_person():
    text = 'mcp_servers = { runwise = { command = "mine" } }\n'
    with pytest.raises(toml_edit.TomlError, match="only a person"):
        toml_edit.put(text, "mcp_servers", "runwise", TOML)
    with pytest.raises(toml_edit.TomlError, match="only a person"):
        toml_edit.take(text, "mcp_servers", "runwise")


@pytest.mark.parametrize("text", ["a = ", "[a\n", "a = 1\na = 2\n", "mcp_servers = 3\n"])
def test_a_broken_toml_file_is_refused(text):
    with pytest.raises(toml_edit.TomlError):
        toml_edit.put(text, "mcp_servers", "runwise", TOML)
