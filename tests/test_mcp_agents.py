"""Real agents against a model on this machine: what reaches the model is our text, once.

Nothing leaves the machine: the agents' address of a model is a server of this test, which calls
`analyze_run` and then is content. They are installed from the npm registry into a directory that
`RUNWISE_NODE` names; without them the tests are passed over:

    npm install --prefix DIR --ignore-scripts @anthropic-ai/claude-code opencode-linux-x64
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.trackers
CLAUDE = "@anthropic-ai/claude-code-linux-x64/claude"
OPENCODE = "opencode-linux-x64/bin/opencode"
WANTED = "analyze_run"


class Model(BaseHTTPRequestHandler):
    """A model that calls one tool and then says that it is done."""

    protocol_version = "HTTP/1.0"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        if "count_tokens" in self.path:
            self._send("application/json", '{"input_tokens": 10}')
        elif "messages" in self.path:
            self._send("text/event-stream", "".join(map(_anthropic, _messages(asked))))
        else:
            self._send(
                "text/event-stream", "".join(map(_event, _chat(asked))) + "data: [DONE]\n\n"
            )

    def do_GET(self):
        self._send("application/json", '{"data": []}')

    def _send(self, kind, text):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def _event(chunk):
    return f"data: {json.dumps(chunk)}\n\n"


def _anthropic(chunk):
    return f"event: {chunk['type']}\n{_event(chunk)}"


def _messages(asked):
    """Yield an answer as the Messages API streams it."""
    name = next((tool["name"] for tool in asked.get("tools", ()) if WANTED in tool["name"]), None)
    calls = name is not None and "tool_result" not in json.dumps(asked["messages"])
    block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": "done"}
    if calls:
        block = {"type": "tool_use", "id": "toolu_1", "name": name, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": "{}"}
    usage = {"input_tokens": 10, "output_tokens": 5}
    yield {"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"],
        "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
    }}  # fmt: skip
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    reason = "tool_use" if calls else "end_turn"
    yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
           "usage": {"output_tokens": 5}}  # fmt: skip
    yield {"type": "message_stop"}


def _chat(asked):
    """Yield an answer as the Chat Completions API streams it."""
    tools = [tool["function"]["name"] for tool in asked.get("tools", ())]
    name = next((tool for tool in tools if WANTED in tool), None)
    calls = name is not None and not any(one["role"] == "tool" for one in asked["messages"])
    delta = {"role": "assistant", "content": "done"}
    if calls:
        function = {"name": name, "arguments": "{}"}
        call = {"index": 0, "id": "call_1", "type": "function", "function": function}
        delta = {"role": "assistant", "tool_calls": [call]}
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "mock"}
    yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    reason = "tool_calls" if calls else "stop"
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}],
           "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}  # fmt: skip


@pytest.fixture
def model():
    """A model on this machine, and what it was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run_agent(model, tmp_path, demo_root, own_cache):
    """Run an agent in an empty home, with a server on the demo's runs."""
    server = [sys.executable, "-m", "runwise_mcp", "--root", str(demo_root)]

    def run(program, *words, configure, **env):
        path = Path(os.environ.get("RUNWISE_NODE", "")) / "node_modules" / program
        if not path.is_file():
            pytest.skip(f"RUNWISE_NODE names no directory with {program} in it")
        configure(tmp_path, server, f"http://127.0.0.1:{model.server_port}")
        plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_COLOR": "1",
                 "RUNWISE_CACHE_DIR": str(own_cache)}  # fmt: skip
        done = subprocess.run(
            [path.resolve(), *words], cwd=tmp_path, env={**plain, **env}, capture_output=True,
            text=True, check=False, timeout=150, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return model.asked

    return run


def expected(runwise, demo_root):
    """Return the command line's verdict and table, which age a little meanwhile."""
    printed = runwise("latest", "--format", "compact", cwd=demo_root).stdout.decode()
    return [line for line in printed.splitlines()[1:] if not line.startswith("more: ")]


def told_once(asked, text, lines):
    """Say whether a model was told a text of ours, and nothing of it a second time."""
    assert text.startswith("killed (killed01) crashed")
    assert [line for line in text.splitlines()[1:] if not line.startswith("more: ")] == lines
    assert text.endswith("more: list_keys run=killed01")
    assert json.dumps(asked).count("killed (killed01) crashed") == 1


def test_claude_code_hands_its_model_our_text_once(run_agent, runwise, demo_root, model):
    def configure(folder, server, url):
        entry = {"type": "stdio", "command": server[0], "args": server[1:]}
        tree = {"mcpServers": {"runwise": entry}}
        (folder / "mcp.json").write_text(json.dumps(tree))

    asked = run_agent(
        CLAUDE, "-p", "hi", "--mcp-config", "mcp.json", "--strict-mcp-config",
        "--allowedTools", "mcp__runwise", configure=configure,
        ANTHROPIC_BASE_URL=f"http://127.0.0.1:{model.server_port}", ANTHROPIC_API_KEY="x",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", CLAUDE_CODE_MAX_RETRIES="0",
        DISABLE_AUTOUPDATER="1",
    )  # fmt: skip
    last = next(one for one in reversed(asked) if "tool_result" in json.dumps(one["messages"]))
    (result,) = [
        part
        for message in last["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "tool_result"
    ]
    content = result["content"]
    text = content if isinstance(content, str) else "".join(part["text"] for part in content)
    told_once(last, text, expected(runwise, demo_root))


def test_opencode_hands_its_model_our_text_once(run_agent, runwise, demo_root, model):
    def configure(folder, server, url):
        provider = {
            "npm": "@ai-sdk/openai-compatible", "name": "mock",
            "options": {"baseURL": f"{url}/v1", "apiKey": "x"},
            "models": {"mock": {"name": "mock", "tool_call": True}},
        }  # fmt: skip
        tree = {
            "provider": {"mock": provider}, "model": "mock/mock", "small_model": "mock/mock",
            "autoupdate": False, "share": "disabled",
            "mcp": {"runwise": {"type": "local", "command": server, "enabled": True}},
        }  # fmt: skip
        (folder / "opencode.json").write_text(json.dumps(tree))

    asked = run_agent(OPENCODE, "run", "hi", configure=configure)
    last = next(one for one in reversed(asked) if re.search('"role": "tool"', json.dumps(one)))
    (result,) = [one for one in last["messages"] if one["role"] == "tool"]
    content = result["content"]
    text = content if isinstance(content, str) else "".join(part["text"] for part in content)
    told_once(last, text, expected(runwise, demo_root))
