"""The skill: its form, and every command it names, asked about the demo's runs."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from runwise.agents.installing import SKILL, skill_files
from runwise.main import main
from runwise_detect import known_detectors

FILES = skill_files()
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ALLOWED = {"name", "description", "license", "allowed-tools", "compatibility", "metadata"}
MEANT = {"RUN": "nan", "LOSS": "train/loss", "STEP": "610", "COMMAND": "run"}
"""What stands for the words in capitals."""
ELSEWHERE = ("entity/",)
"""Commands that ask a server."""
CODES = {"check": {0, 1}, "doctor": {0, 1}}


def parts(text):
    """Return the frontmatter and the body."""
    _, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body


def commands(text):
    """Yield each command of a page: in a block of shell, or between backticks."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(runwise [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in lines:
        words = shlex.split(line.split(" | ")[0], comments=True)
        if words[:1] == ["runwise"] and not any(w.startswith(ELSEWHERE) for w in words):
            yield [MEANT.get(word, word) for word in words[1:]]


ASKED = [(name, words) for name, text in FILES.items() for words in commands(text)]


def test_the_form_is_what_the_format_asks_for():
    head, body = parts(FILES["SKILL.md"])
    assert set(head) <= ALLOWED
    assert NAME.fullmatch(head["name"])
    assert head["name"] == "runwise"
    assert 1 <= len(head["description"]) <= 1024
    assert len(head.get("compatibility", "")) <= 500
    assert body.strip()


def test_every_page_is_linked_and_every_link_is_a_page():
    linked = set(re.findall(r"\]\((references/[^)]+)\)", FILES["SKILL.md"]))
    assert linked == set(FILES) - {"SKILL.md"}
    assert (SKILL / "SKILL.md").is_file()


def test_there_is_a_command_in_every_page_and_a_price_for_most():
    assert {name for name, _ in ASKED} == set(FILES)
    assert (
        len(re.findall(r"^\| .* \| `runwise .*` \| \d+ \|$", FILES["SKILL.md"], re.MULTILINE))
        >= 10
    )


@pytest.mark.parametrize(("name", "words"), ASKED, ids=[" ".join(words) for _, words in ASKED])
def test_a_command_of_the_skill_answers(name, words, ask, demo, tmp_path):
    shutil.copytree(demo, tmp_path, dirs_exist_ok=True)
    result = ask(*words)
    if "--system" in words:  # no machine was measured for the demo
        assert "nothing was measured" in result.stderr
        return
    assert result.exit_code in CODES.get(words[0], {0}), result.stderr
    written = [words[words.index(one) + 1] for one in ("--out", "--html") if one in words]
    assert all((tmp_path / file).stat().st_size for file in written)
    assert written or result.stdout.strip()


def test_the_commands_and_options_it_names_in_passing_are_there(ask):
    text = "\n".join(FILES.values())
    for option in ("--max-tokens", "--format", "--exact", "-C"):
        assert option in text
        assert option in ask("run", "-h").stdout
    for name in re.findall(r"`(list|find|check|best)`", FILES["references/filters.md"]):
        assert name in main.list_commands(None)


def test_every_kind_of_finding_is_explained():
    text = FILES["references/findings.md"]
    missing = [name for name in known_detectors() if name not in text]
    assert not missing


def test_the_skill_names_no_path_and_no_person():
    for text in FILES.values():
        assert not re.search(r"/(home|Users|root|tmp|work)/", text)
        assert str(Path.home()) not in text
