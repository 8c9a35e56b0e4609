"""How long after the SDK's own smallest server `runwise-mcp` gives its first reply.

    python benchmarks/startup_mcp.py [--rounds 11]

Whole processes over stdio, from their start to the reply to `initialize`, by the clock. The two
take turns, so that a busy machine is busy for both; what is printed is the median of the
differences of a round. Bytecode is compiled first, and a first round is not counted.
"""

from __future__ import annotations

import argparse
import compileall
import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

PACKAGES = Path(__file__).resolve().parent.parent / "packages"
PEER = ("-c", "from mcp.server import MCPServer; MCPServer('peer').run()")
OURS = ("-m", "runwise_mcp")
BOUND = 60.0
"""Milliseconds above the peer."""
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {},
               "clientInfo": {"name": "benchmark", "version": "1"}},
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    for folder in PACKAGES.glob("*/src"):
        compileall.compile_dir(folder, quiet=1)
    peers: list[float] = []
    above: list[float] = []
    for number in range(rounds + 1):
        peer = first_reply(*PEER)
        ours = first_reply(*OURS)
        if number:
            peers.append(peer)
            above.append(ours - peer)
    late = 1000 * median(above)
    print(f"the SDK's own server {1000 * median(peers):6.0f} ms")
    print(f"runwise-mcp          {late:+6.0f} ms  (bound {BOUND:.0f})")
    return 1 if late > BOUND else 0


def first_reply(*words: str) -> float:
    """Return the seconds from the start of a server to its first reply."""
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(HELLO).encode() + b"\n")
        server.stdin.flush()
        reply = json.loads(server.stdout.readline())
        spent = time.perf_counter() - begun
        server.stdin.close()
    assert "runwise" in str(reply["result"]["serverInfo"]) or "peer" in str(reply)
    return spent


if __name__ == "__main__":
    sys.exit(main())
