"""`runwise agent`: what it writes for each client, where, and that it leaves no trace."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path

import pytest

from runwise.agents import start as starting
from runwise.agents.change import Change
from runwise.agents.client import SCOPES
from runwise.agents.config_edit import installed
from runwise.agents.installing import install, parts_of, skill_files, uninstall
from runwise.agents.json_text import read
from runwise.agents.places import Places
from runwise.agents.shelf import client_named, client_names, known_clients
from runwise.agents.start import Start, is_startable, server_start
from runwise.errors import BadSetting

CLIENTS = (
    "claude", "claude-desktop", "codex", "copilot", "cursor", "gemini", "opencode", "vscode",
)  # fmt: skip
NOWHERE = ("claude-desktop", "project")
BOTH = ("skill", "mcp")
START = Start("runwise-mcp")
OTHERS = {
    "json": '{\n  "mcpServers": {\n    "a": {\n      "command": "b"\n    }\n  },\n  "n": 1\n}\n',
    "jsonc": '{\n  // mine\n  "n": 1, // one\n}\n',
    "toml": '# mine\nmodel = "o" # one\n\n[mcp_servers.a]\ncommand = "b"\n',
}


@pytest.fixture(autouse=True)
def nobodys_home(monkeypatch, tmp_path):
    """No test writes into a home where somebody lives."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("APPDATA", "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME"):
        monkeypatch.delenv(name, raising=False)
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return home


@pytest.fixture
def places(nobodys_home, tmp_path):
    return Places(nobodys_home, tmp_path / "project", "linux", {})


def made(changes):
    for change in changes:
        change.make()


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def parsed(client, text):
    if client.syntax == "toml":
        return import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads(text)
    return json.loads(text) if client.syntax == "json" else read(text, comments=True).data


def test_the_shelf_is_the_folder_and_each_client_is_named_like_its_file():
    assert client_names() == sorted(CLIENTS)
    assert [client.name for client in known_clients()] == sorted(CLIENTS)
    for client in known_clients():
        assert client.title
        assert client.syntax in OTHERS
    assert client_named("claude-code") is client_named("claude")


@pytest.mark.parametrize(
    ("name", "scope"),
    [(name, scope) for name in CLIENTS for scope in SCOPES if (name, scope) != NOWHERE],
)
def test_what_is_written_is_read_back_and_taken_out_without_a_trace(name, scope, places, tmp_path):
    client = client_named(name)
    parts = parts_of(client, places, scope, BOTH)
    before = files(tmp_path)
    made(install(client, places, scope, parts, START))
    config = client.config(places, scope)
    entry = parsed(client, config.read_text("utf-8"))[client.section]["runwise"]
    words = [entry["command"], *entry.get("args", [])]
    assert "runwise-mcp" in (words[0] if isinstance(words[0], list) else words)
    if "skill" in parts:
        folder = client.skills(places, scope) / "runwise"
        assert files(folder) == {name: text.encode() for name, text in skill_files().items()}
    assert not [one for one in install(client, places, scope, parts, START) if not one.is_none]
    made(uninstall(client, places, scope, parts))
    assert files(tmp_path) == before
    assert not list(tmp_path.rglob("runwise"))


@pytest.mark.parametrize("name", CLIENTS)
def test_others_settings_stay_and_come_back_to_the_byte(name, places):
    client = client_named(name)
    config = client.config(places, "user")
    config.parent.mkdir(parents=True, exist_ok=True)
    others = OTHERS[client.syntax].replace("mcpServers", client.section)
    config.write_bytes(others.replace("\n", "\r\n").encode())
    before = parsed(client, others)
    made(install(client, places, "user", ["mcp"], START))
    after = parsed(client, config.read_bytes().decode())
    assert "runwise" in after[client.section]
    assert after[client.section].pop("runwise")
    assert {**after, client.section: after[client.section] or None} == {
        **before,
        client.section: before.get(client.section),
    }
    assert b"\n" not in config.read_bytes().replace(b"\r\n", b"")
    made(uninstall(client, places, "user", ["mcp"]))
    assert config.read_bytes() == others.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("text", ['{"a": ', "a = [", "\x00", "<xml/>"])
def test_a_broken_configuration_is_refused_and_left(name, text, places):
    client = client_named(name)
    config = client.config(places, "user")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_bytes(text.encode())
    for changes in (
        lambda: list(install(client, places, "user", ["mcp"], START)),
        lambda: list(uninstall(client, places, "user", ["mcp"])),
    ):
        with pytest.raises(BadSetting, match=f"{client.title}'s configuration"):
            changes()
    assert config.read_bytes() == text.encode()


@pytest.mark.parametrize("name", CLIENTS)
def test_bytes_that_are_no_text_and_directories_are_refused(name, places):
    client = client_named(name)
    config = client.config(places, "user")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(BadSetting, match="not UTF-8"):
        list(install(client, places, "user", ["mcp"], START))
    config.unlink()
    config.mkdir()
    with pytest.raises(BadSetting, match="cannot be read"):
        list(install(client, places, "user", ["mcp"], START))


@pytest.mark.parametrize(
    ("name", "user", "project"),
    [
        ("claude", ".claude.json", ".mcp.json"),
        ("codex", ".codex/config.toml", ".codex/config.toml"),
        ("copilot", ".copilot/mcp-config.json", ".github/mcp.json"),
        ("cursor", ".cursor/mcp.json", ".cursor/mcp.json"),
        ("gemini", ".gemini/settings.json", ".gemini/settings.json"),
        ("opencode", ".config/opencode/opencode.json", "opencode.json"),
        ("vscode", ".config/Code/User/mcp.json", ".vscode/mcp.json"),
        ("claude-desktop", ".config/Claude/claude_desktop_config.json", None),
    ],
)
def test_each_clients_file_lies_where_the_client_looks(name, user, project, places):
    client = client_named(name)
    assert client.config(places, "user") == places.home / user
    found = client.config(places, "project")
    assert found == (places.project / project if project else None)


def test_programs_with_windows_keep_settings_where_their_system_says(tmp_path):
    desktop, vscode = client_named("claude-desktop"), client_named("vscode")
    mac = Places(tmp_path, tmp_path, "darwin")
    support = tmp_path / "Library" / "Application Support"
    assert desktop.config(mac, "user") == support / "Claude" / "claude_desktop_config.json"
    assert vscode.config(mac, "user") == support / "Code" / "User" / "mcp.json"
    windows = Places(tmp_path, tmp_path, "win32", {"APPDATA": str(tmp_path / "R")})
    assert desktop.config(windows, "user") == tmp_path / "R/Claude/claude_desktop_config.json"
    assert vscode.config(windows, "user") == tmp_path / "R" / "Code" / "User" / "mcp.json"


@pytest.mark.parametrize(
    ("name", "variable", "file"),
    [
        ("claude", "CLAUDE_CONFIG_DIR", ".claude.json"),
        ("codex", "CODEX_HOME", "config.toml"),
        ("copilot", "COPILOT_HOME", "mcp-config.json"),
        ("opencode", "XDG_CONFIG_HOME", "opencode/opencode.json"),
    ],
)
def test_a_variable_that_moves_a_clients_files_is_heeded(name, variable, file, tmp_path):
    places = Places(tmp_path / "h", tmp_path, "linux", {variable: str(tmp_path / "else")})
    assert client_named(name).config(places, "user") == tmp_path / "else" / file


def test_opencode_is_told_in_the_file_it_has(places):
    (places.project / "opencode.jsonc").write_text("{}\n")
    found = client_named("opencode").config(places, "project")
    assert found == places.project / "opencode.jsonc"


def test_each_clients_entry_is_what_it_expects(places):
    def entry(name, scope="user"):
        client = client_named(name)
        return client.entry(START.reading(client.roots(places, scope)), scope)

    assert entry("claude") == {"type": "stdio", "command": "runwise-mcp", "args": []}
    assert entry("copilot")["tools"] == ["*"]
    assert entry("codex")["startup_timeout_sec"] == 30
    assert entry("gemini") == {"command": "runwise-mcp", "args": []}
    assert entry("opencode") == {"type": "local", "command": ["runwise-mcp"], "enabled": True}
    assert entry("vscode")["args"] == ["--root", "${workspaceFolder}"]
    assert entry("cursor", "project")["args"] == ["--root", "${workspaceFolder}"]
    assert entry("cursor")["args"] == []
    assert entry("claude-desktop")["args"] == ["--root", str(places.project)]


def test_the_command_shows_the_diff_writes_and_says_what_it_did(ask, nobodys_home):
    result = ask("agent", "install", "claude", "codex")
    assert result.exit_code == 0
    assert "+++ b/~/.claude.json\n" in result.stdout
    assert '+    "runwise": {\n' in result.stdout
    assert "+[mcp_servers.runwise]\n" in result.stdout
    said = result.stderr.splitlines()
    assert said[0] == (
        "claude: write ~/.claude.json, write ~/.claude/skills/runwise/SKILL.md and 4 pages"
    )
    assert "claude: Check with: claude mcp list" in said
    assert (nobodys_home / ".codex" / "config.toml").is_file()
    again = ask("agent", "install", "claude", "codex", "-q")
    assert (again.stdout, again.stderr, again.exit_code) == ("", "", 0)


@pytest.mark.parametrize("indent", [None, 2])
def test_the_diff_shows_no_secret_of_another_server(ask, nobodys_home, indent):
    env = {"API_KEY": "hunter2", "GITHUB_TOKEN": "ghp_" + "a1B2" * 9}
    others = {"mcpServers": {"a": {"command": "b", "env": env}}}
    (nobodys_home / ".claude.json").write_text(json.dumps(others, indent=indent))
    shown = ask("agent", "install", "claude", "--mcp").stdout
    shown += ask("agent", "uninstall", "claude").stdout
    assert "runwise" in shown
    assert "hunter2" not in shown
    assert "ghp_" not in shown
    assert json.loads((nobodys_home / ".claude.json").read_text()) == others
    (nobodys_home / ".codex").mkdir()
    (nobodys_home / ".codex" / "config.toml").write_text('[a]\napi_key = "hunter2"')
    assert "hunter2" not in ask("agent", "install", "codex", "--mcp").stdout


def test_a_dry_run_writes_nothing(ask, nobodys_home):
    result = ask("agent", "install", *CLIENTS, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.count("+++ b/") == len(CLIENTS)
    assert "claude: would write ~/.claude.json" in result.stderr
    assert files(nobodys_home) == {}
    ask("agent", "install", "claude")
    there = files(nobodys_home)
    assert "--- a/~/.claude.json" in ask("agent", "uninstall", "claude", "--dry-run").stdout
    assert files(nobodys_home) == there


def test_a_project_names_no_path_of_this_machine(ask):
    names = [name for name in CLIENTS if name != "claude-desktop"]
    assert ask("agent", "install", *names, "--project").exit_code == 0
    for text in files(Path()).values():
        assert sys.prefix.encode() not in text
        assert str(Path.home()).encode() not in text
    assert ask("agent", "uninstall", *names, "--project").exit_code == 0
    assert files(Path()) == {}


def test_only_the_part_that_was_asked_for_is_written_or_taken(ask, nobodys_home):
    ask("agent", "install", "gemini", "--mcp")
    assert list(files(nobodys_home)) == [".gemini/settings.json"]
    ask("agent", "install", "gemini", "--skill")
    assert len(files(nobodys_home)) == 6
    ask("agent", "uninstall", "gemini", "--mcp")
    assert ".gemini/settings.json" not in files(nobodys_home)
    assert len(files(nobodys_home)) == 5


def test_roots_are_handed_to_the_server(ask, nobodys_home):
    ask("agent", "install", "claude", "--mcp", "--root", "runs")
    entry = json.loads((nobodys_home / ".claude.json").read_text())["mcpServers"]["runwise"]
    assert entry["args"][-2:] == ["--root", str(Path("runs").absolute())]


def test_without_a_name_the_clients_of_this_machine_are_meant(ask, nobodys_home, monkeypatch):
    monkeypatch.setenv("PATH", "")
    nothing = ask("agent", "install")
    assert nothing.exit_code == 2
    assert "no client is here" in nothing.stderr
    (nobodys_home / ".cursor").mkdir()
    assert ask("agent", "install").exit_code == 0
    assert {name.split("/")[0] for name in files(nobodys_home)} == {".cursor"}


def test_the_list_says_who_is_here_and_has_what(ask, answer, nobodys_home):
    ask("agent", "install", "codex")
    ask("agent", "install", "claude", "--project", "--mcp")
    (nobodys_home / ".gemini").mkdir()
    (nobodys_home / ".gemini" / "settings.json").write_text("{")
    skill = nobodys_home / ".agents" / "skills" / "runwise" / "SKILL.md"
    skill.write_text("older")
    data = answer("agent", "list")
    rows = {row["client"]: row for row in data["clients"]}
    assert data["kind"] == "agents"
    assert list(rows) == sorted(CLIENTS)
    assert rows["codex"]["mcp"] == "user"
    assert rows["codex"]["skill"] == "user (old)"
    assert (rows["claude"]["mcp"], rows["claude"]["skill"]) == ("project", "no")
    assert rows["gemini"]["mcp"] == "user (broken)"
    assert rows["claude-desktop"]["skill"] is None
    assert "3 with runwise" in data["verdict"]


def test_what_is_not_there_is_refused_with_what_is(ask):
    unknown = ask("agent", "install", "cluade")
    assert unknown.exit_code == 2
    assert "Did you mean claude?" in unknown.stderr
    desktop = ask("agent", "install", "claude-desktop", "--project")
    assert desktop.exit_code == 2
    assert "Use --user." in desktop.stderr
    skill = ask("agent", "install", "claude-desktop", "--skill")
    assert "Use --mcp." in skill.stderr


def test_nothing_is_written_where_one_of_several_is_broken(ask, nobodys_home):
    (nobodys_home / ".codex").mkdir()
    (nobodys_home / ".codex" / "config.toml").write_text("a = [")
    before = files(nobodys_home)
    result = ask("agent", "install", "claude", "codex")
    assert result.exit_code == 2
    assert "Codex's configuration" in result.stderr
    assert files(nobodys_home) == before


def test_two_clients_of_one_folder_share_the_skill(ask):
    result = ask("agent", "install", "copilot", "vscode", "--skill", "--project")
    assert result.exit_code == 0
    assert "vscode: nothing to change" in result.stderr


def test_a_link_stays_a_link_and_rights_stay_what_they_were(places, tmp_path):
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    client = client_named("claude")
    real = tmp_path / "dotfiles.json"
    real.write_text("{}\n")
    real.chmod(0o600)
    config = client.config(places, "user")
    config.symlink_to(real)
    made(install(client, places, "user", ["mcp"], START))
    assert config.is_symlink()
    assert "runwise" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [real.name]


@pytest.mark.parametrize("link", [".mcp.json", ".claude", ".claude/skills/runwise/SKILL.md"])
def test_a_link_out_of_a_project_is_refused(link, ask, nobodys_home, tmp_path):
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    aim = nobodys_home / "theirs"
    if link == ".claude":
        aim.mkdir()
    else:
        aim.write_text("{}")
    Path(link).parent.mkdir(parents=True, exist_ok=True)
    Path(link).symlink_to(aim)
    for word in ("install", "uninstall"):
        result = ask("agent", word, "claude", "--project")
        assert result.exit_code == 2
        assert "leads out of the project" in result.stderr
    assert files(nobodys_home) == ({} if link == ".claude" else {"theirs": b"{}"})


def test_a_file_changed_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("2")
    with pytest.raises(BadSetting, match="changed by another"):
        Change(path, "1", "3").make()
    assert path.read_text() == "2"


def test_a_folder_that_may_not_be_written_is_said(tmp_path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(BadSetting, match="cannot be"):
        Change(tmp_path / "a" / "b.json", None, "{}").make()


def test_the_server_is_started_by_what_this_machine_has(monkeypatch, tmp_path):
    def on_path(*names):
        return lambda name: f"/bin/{name}" if name in names else None

    monkeypatch.setattr(starting, "find_spec", lambda name: None)
    monkeypatch.setattr(starting.shutil, "which", on_path("runwise-mcp", "uvx"))
    assert server_start("user") == Start("/bin/runwise-mcp")
    assert server_start("project") == Start("runwise-mcp")
    monkeypatch.setattr(starting.shutil, "which", on_path("uvx"))
    assert server_start("user") == Start("/bin/uvx", ("runwise-mcp",))
    assert server_start("project") == Start("uvx", ("runwise-mcp",))
    monkeypatch.setattr(starting.shutil, "which", on_path())
    assert server_start("user") == Start("runwise-mcp")
    assert not is_startable(server_start("user"))
    monkeypatch.setattr(starting, "find_spec", lambda name: name)
    assert server_start("user") == Start(sys.executable, ("-m", "runwise_mcp"))
    monkeypatch.setattr(starting.sys, "prefix", os.fspath(tmp_path / "archive-v0" / "x"))
    assert server_start("user") == Start("runwise-mcp")


def test_the_entry_a_client_has_is_found(places):
    client = client_named("opencode")
    made(install(client, places, "user", ["mcp"], START))
    text = client.config(places, "user").read_text()
    assert installed(text, client)["command"] == ["runwise-mcp"]
    assert installed("{}", client) is None


@pytest.mark.parametrize("words", [(), ("install",), ("uninstall",), ("list",), ("kit",)])
def test_each_command_has_help_with_one_example_on_one_screen(ask, words):
    result = ask("agent", *words, "-h")
    assert result.exit_code == 0
    assert result.stdout.count("Example: ") == 1
    assert len(result.stdout.splitlines()) <= 30
