"""What the command line advises, as calls of tools: an agent may have no shell.

more: runwise check nan00001     becomes     more: detect_anomalies run=nan00001
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runwise_format import Document

TOOLS = {
    "list": "list_runs",
    "run": "analyze_run",
    "latest": "analyze_run",
    "local": "list_runs",
    "check": "detect_anomalies",
    "keys": "list_keys",
    "history": "get_history",
    "stats": "get_history view=stats",
    "stability": "get_history view=stability",
    "plot": "get_history view=chart",
    "compare": "compare_runs",
    "best": "find_best_run",
    "live": "live_status",
    "config": "analyze_run include=config",
    "notes": "analyze_run include=notes",
    "console": "analyze_run include=console",
}
"""Commands, and the tools that answer the same question."""
FLAGS = {
    "-k": "metrics", "--keys": "metrics", "-n": "limit", "--around": "around", "--since": "since",
    "-f": "metrics", "-t": "threshold", "--window": "window",
}  # fmt: skip
SWITCHES = {"-d": "config_diff=true", "--diff": "config_diff=true", "-g": "group=true"}
PLAIN = (
    (re.compile(r"Name another place with -C DIR, or see: runwise demo"),
     "Start the server with --root DIR."),
    (re.compile(r"Ask in a shell: .*"), "Start the server with --allow-remote to allow it."),
    (re.compile(r"Name them: runwise compare.*"), 'As in runs="latest,latest~1".'),
    (re.compile(r"choose with -k\b"), "choose with metrics"),
    (re.compile(r"\bwithout -k\b"), "without metrics"),
    (re.compile(r" \(list --all\)"), ""),
    (re.compile(r"differ \(-d\)"), "differ (config_diff)"),
    (re.compile(r"see --max\b"), "see direction"),
    (re.compile(r"--exact reads all"), "in a shell, runwise --exact reads all"),
    (re.compile(r"\bUse -n (\d+)"), r"Use samples=\1"),
    (re.compile(r"\bUse -w (\d+)"), r"Use window=\1"),
    (re.compile(r"\bUse -t (\d+) for \d+ %"), r"Use threshold=\1"),
    (re.compile(r"Use --window (\d+)"), r"Use window=\1"),
    (re.compile(r"--window says"), "window says"),
    (re.compile(r"Add --around STEP"), "Add around=STEP"),
    (re.compile(r"-t (\S+) is no percentage"), r"threshold \1 is no percentage"),
    (re.compile(r" \(-n \d+\)"), ""),
)  # fmt: skip
"""What reports say of options, and what that is for a caller of tools."""
_COMMAND = re.compile(r"runwise (?:-C (?:'[^']*'|\S+) )?([a-z]+)((?: (?:'[^']*'|[^\s;,]+))*)")
_LEAD = re.compile(r"\b(Try|See|See them|see): (?=\w+_\w+)")


def call_of(command: str) -> str:
    """Return the call of a tool that asks what a command line asks, empty for none.

    >>> call_of("runwise -C /data history a1 -k 'val/loss' --around 50")
    'get_history run=a1 metrics=val/loss around=50'
    """
    words = shlex.split(command)[1:]
    if words[:1] == ["-C"]:
        words = words[2:]
    if not words or words[0] not in TOOLS:
        return ""
    name, rest = words[0], iter(words[1:])
    tool, *said = TOOLS[name].split()
    refs: list[str] = []
    for word in rest:
        if word in FLAGS:
            said.append(f"{FLAGS[word]}={_value(next(rest, ''))}")
        elif word in SWITCHES:
            said.append(SWITCHES[word])
        elif not word.startswith("-"):
            refs.append(word)
    return " ".join([tool, *_about(name, refs), *said])


def _about(name: str, refs: list[str]) -> list[str]:
    if not refs or name in ("list", "local"):
        return []
    if name == "compare":
        return [f"runs={_value(','.join(refs))}"]
    return [f"{'metric' if name == 'best' else 'run'}={_value(refs[0])}"]


def _value(text: str) -> str:
    return text if re.fullmatch(r"[\w./@~:*+%,-]+", text) else json.dumps(text, ensure_ascii=False)


def in_tools(text: str) -> str:
    """Return a sentence of the command line as one for a caller of tools.

    >>> in_tools("Near: exp1. Try: runwise list")
    'Near: exp1. Call list_runs'
    """
    for pattern, meant in PLAIN:
        text = pattern.sub(meant, text)
    text = _COMMAND.sub(lambda found: _spoken(found[0]), text)
    return _LEAD.sub("Call ", text)


def _spoken(command: str) -> str:
    try:
        return call_of(command) or command
    except ValueError:  # half of a quoted word
        return command


def for_tools(document: Document) -> Document:
    """Return a document whose advice and notes name tools."""
    from runwise_format import Notes  # noqa: PLC0415 - the handshake must not wait for it

    blocks = [
        replace(block, lines=[in_tools(line) for line in block.lines])
        if isinstance(block, Notes) and block.key == "notes"
        else block
        for block in document.blocks
    ]
    return replace(
        document,
        verdict=in_tools(document.verdict),
        blocks=blocks,
        more=call_of(document.more) if document.more else "",
        dropped=[in_tools(one) for one in document.dropped],
    )
