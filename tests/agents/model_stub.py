"""A model on this machine: it calls the tools it is told to, then says one sentence.

It speaks Anthropic's Messages (`/v1/messages`), OpenAI's Chat Completions and Responses
(`/v1/chat/completions`, `/v1/responses`) and Gemini's `:generateContent`, streamed or whole,
and keeps every request: so a test sees what an agent really sends to its model. No account, no
network.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LAST_WORD = "The stub has seen enough."


class ModelStub:
    """Plays ``calls``, pairs of a tool's name (its end) and arguments, in turn.

    >>> ModelStub([("analyze_run", {"run": "nan"})]).calls
    [('analyze_run', {'run': 'nan'})]
    """

    def __init__(self, calls):
        self.calls = calls
        self.requests = []
        self._server = None

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *problem):
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def next_call(self, body, results):
        """Return what to call after so many results: a tool's whole name and arguments."""
        if len(results) >= len(self.calls):
            return None
        wanted, arguments = self.calls[len(results)]
        names = offered(body)
        found = next((name for name in names if name == wanted or name.endswith(wanted)), None)
        return (found, arguments) if found else None

    @property
    def talks(self):
        """The requests that offered tools, in turn."""
        return [body for body in self.requests if body.get("tools")]

    @property
    def results(self):
        """What the model was given as results in its last request, in turn."""
        return results_of(self.talks[-1]) if self.talks else []

    @property
    def offered(self):
        """The tools of the last request, as they were sent."""
        return flat(self.talks[-1]["tools"]) if self.talks else []


def flat(tools):
    """Return tools with those of namespaces beside the others, under their whole names."""
    found = []
    for tool in tools:
        if tool.get("type") == "namespace":
            found += [{**one, "namespace": tool["name"]} for one in tool["tools"]]
        elif "functionDeclarations" in tool:
            found += tool["functionDeclarations"]
        else:
            found.append(tool.get("function", tool))
    return found


def offered(body):
    """Return the names of the tools a request offers."""
    return [tool.get("name", tool.get("type", "")) for tool in flat(body.get("tools") or [])]


def results_of(body):
    """Return the results in a request, each the list of texts that stand for one call."""
    found = []
    for message in body.get("messages") or body.get("input") or body.get("contents") or []:
        if not isinstance(message, dict):
            continue
        answers = [one.get("functionResponse") for one in message.get("parts") or []]
        found += [texts(one["response"].get("output", one)) for one in answers if one]
        if message.get("role") == "tool":
            found.append(texts(message["content"]))
        elif str(message.get("type", "")).endswith("call_output"):
            found.append(texts(message["output"]))
        elif isinstance(message.get("content"), list):
            blocks = [one for one in message["content"] if one.get("type") == "tool_result"]
            found += [texts(one["content"]) for one in blocks]
    return found


def texts(content):
    """Return the texts of a result, however it is wrapped."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [json.dumps(content)]
    return [one.get("text", json.dumps(one)) for one in content]


def _handler(stub):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words):
            pass

        def do_HEAD(self):
            self._send(b"", "text/plain")

        def do_GET(self):
            self._json({"object": "list", "data": [{"id": "stub", "object": "model"}]})

        def do_POST(self):
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or b"{}")
            stub.requests.append(body)
            if self.path.split("?")[0].endswith("count_tokens"):
                self._json({"input_tokens": 100})
                return
            call = stub.next_call(body, results_of(body))
            number = len(results_of(body))
            if "enerateContent" in self.path:
                answer = _gemini(call, body)
                if "stream" in self.path:
                    self._events([answer])
                else:
                    self._json(answer)
            elif "responses" in self.path:
                self._events(_responses(call, body, number))
            elif "chat" in self.path:
                self._chat(call, number, streamed=body.get("stream"))
            elif body.get("stream"):
                self._events(_messages(call, number))
            else:
                self._json(_message(call, number))

        def _chat(self, call, number, *, streamed):
            if streamed:
                self._events(_chat_chunks(call, number), last="data: [DONE]\n\n")
            else:
                reason = "tool_calls" if call else "stop"
                choice = {"message": _chat_delta(call, number), "finish_reason": reason}
                whole = {"id": "c", "object": "chat.completion", "usage": USED}
                self._json({**whole, "choices": [{"index": 0, **choice}]})

        def _events(self, events, last=""):
            lines = [
                f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
                if "type" in event
                else f"data: {json.dumps(event)}\n\n"
                for event in events
            ]
            self._send(("".join(lines) + last).encode(), "text/event-stream")

        def _json(self, value):
            self._send(json.dumps(value).encode(), "application/json")

        def _send(self, data, kind):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


USED = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def _message(call, number):
    block = {"type": "text", "text": LAST_WORD}
    if call:
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": call[0], "input": call[1]}
    return {
        "id": f"msg_{number}", "type": "message", "role": "assistant", "model": "stub",
        "content": [block], "stop_reason": "tool_use" if call else "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip


def _messages(call, number):
    whole = _message(call, number)
    block = whole["content"][0]
    empty = {**block, "input": {}} if call else {**block, "text": ""}
    delta = (
        {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
        if call
        else {"type": "text_delta", "text": LAST_WORD}
    )
    yield {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}}
    yield {"type": "content_block_start", "index": 0, "content_block": empty}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": 1},
    }
    yield {"type": "message_stop"}


def _chat_delta(call, number):
    if not call:
        return {"role": "assistant", "content": LAST_WORD}
    function = {"name": call[0], "arguments": json.dumps(call[1])}
    one = {"index": 0, "id": f"call_{number}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [one]}


def _chat_chunks(call, number):
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
    delta = {"index": 0, "delta": _chat_delta(call, number), "finish_reason": None}
    end = {"index": 0, "delta": {}, "finish_reason": "tool_calls" if call else "stop"}
    yield {**base, "choices": [delta]}
    yield {**base, "choices": [end], "usage": USED}


def _responses(call, body, number):
    item = {
        "type": "message", "role": "assistant", "id": f"m{number}",
        "content": [{"type": "output_text", "text": LAST_WORD}],
    }  # fmt: skip
    if call:
        item = {
            "type": "function_call", "id": f"f{number}", "call_id": f"call_{number}",
            "name": call[0], "arguments": json.dumps(call[1]),
        }  # fmt: skip
        tool = next(one for one in flat(body["tools"]) if one.get("name") == call[0])
        item |= {"namespace": tool["namespace"]} if "namespace" in tool else {}
    usage = {
        "input_tokens": 1, "input_tokens_details": None, "output_tokens": 1,
        "output_tokens_details": None, "total_tokens": 2,
    }  # fmt: skip
    yield {"type": "response.created", "response": {"id": f"r{number}"}}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield {"type": "response.completed", "response": {"id": f"r{number}", "usage": usage}}


def _gemini(call, body):
    """Answer Gemini CLI, which also asks for JSON: which model suits, who speaks next."""
    part = {"text": LAST_WORD}
    if "responseJsonSchema" in json.dumps(body) or "responseSchema" in json.dumps(body):
        answer = {"model_choice": "flash", "reasoning": "-", "next_speaker": "user"}
        part = {"text": json.dumps({**answer, "complexity_reasoning": "-", "complexity_score": 1})}
    elif call:
        part = {"functionCall": {"name": call[0], "args": call[1]}}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    content = {"role": "model", "parts": [part]}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": usage}
