"""What a question costs an agent with runwise, and with other tools on the same data.

    python benchmarks/tokens.py [--venvs DIR] [--check]

Writes ``docs/tokens.md``. The demo runs are logged once more by the real writers of MLflow,
TensorBoard and trackio (group ``bench``), every tool is asked offline what it can answer, and
what it prints is counted with the o200k vocabulary (rs-bpe). Tools that are no dependency of
ours are installed into throw-away environments in DIR, once. ``--check`` writes nothing and
exits with 1 where runwise is not the cheapest and no reason is known.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rs_bpe.bpe import openai
from tokens_data import PROJECT, write_all

from runwise.demo import demo_root

if TYPE_CHECKING:
    from collections.abc import Callable

HOUSE = Path(__file__).resolve().parent.parent
PAGE = HOUSE / "docs/tokens.md"
TOOLS = {"old": ("runwise==0.4.0",), "peers": ("mlflow-mcp==0.4.1", "tb-query==2025.11.5")}
RUN, OTHER, METRIC = "nan", "healthy", "train/loss"
COLUMNS = ("runwise", "runwise 0.4", "wandb leet", "trackio", "mlflow-mcp", "tb-query")
count = openai.o200k_base().count
_ASK_MLFLOW = """
import asyncio, json, logging, sys
logging.disable(logging.CRITICAL)
from mlflow_mcp.server import mcp
from mlflow import MlflowClient
client = MlflowClient()
experiment = client.get_experiment_by_name("demo").experiment_id
ids = {run.info.run_name: run.info.run_id for run in client.search_runs([experiment])}
filled = {"experiment_id": experiment, "run_id": ids["nan"]}
filled["run_ids"] = [ids["healthy"], ids["nan"]]
words = {key: filled.get(key, value) for key, value in json.loads(sys.argv[2]).items()}
answer = asyncio.run(mcp.call_tool(sys.argv[1], words))
parts = answer[0] if isinstance(answer, tuple) else answer
print("\\n".join(part.text for part in parts))
"""


@dataclass(frozen=True)
class Question:
    """A question, and how each tool is asked: words of its command, by column."""

    text: str
    asked: dict[str, list[str]]
    why: str = ""
    """Where another tool is cheaper: the reason."""


LEET = ["-summary", "-json"]
QUESTIONS = (
    Question("Which runs are there, and how are they?", {
        "runwise": ["list"], "runwise 0.4": ["local"], "trackio": ["list", "runs"],
        "mlflow-mcp": ["get_runs", '{"experiment_id": ""}'], "tb-query": ["find"]},
        "The others print names, paths or steps: no state, no age, no health, no value."),
    Question("How did this run go?", {
        "runwise": ["run", RUN], "runwise 0.4": ["local", f"{RUN}.jsonl"], "wandb leet": LEET,
        "trackio": ["get", "run"], "mlflow-mcp": ["get_run", '{"run_id": ""}'],
        "tb-query": ["stats"]},
        "They show a row, names without values, or NaN; none says what went wrong or where."),
    Question("What is wrong with it?", {"runwise": ["check", RUN]}),
    Question("Which metrics did it log?", {
        "runwise": ["keys", RUN], "runwise 0.4": ["local", f"{RUN}.jsonl", "--keys"],
        "trackio": ["list", "metrics"], "mlflow-mcp": ["get_run_metrics", '{"run_id": ""}'],
        "tb-query": ["tags"]},
        "The others print names alone; runwise says how many points each has."),
    Question(f"How did {METRIC} develop?", {
        "runwise": ["history", RUN, "-k", METRIC],
        "runwise 0.4": ["local", f"{RUN}.jsonl", "--history", "-k", METRIC],
        "wandb leet": ["-json"], "trackio": ["get", "metric"],
        "mlflow-mcp": ["get_run_metric", json.dumps({"run_id": "", "metric_name": METRIC})],
        "tb-query": ["query", "--tags", METRIC]}),
    Question(f"Its extremes, mean and deviation of {METRIC}?", {
        "runwise": ["stats", RUN, "-k", METRIC],
        "runwise 0.4": ["local", f"{RUN}.jsonl", "--stats", "-k", METRIC],
        "tb-query": ["stats", "--tags", METRIC]},
        "tb-query answers NaN to all of it, runwise 0.4 does not say where the extremes are."),
    Question("What were its settings?", {
        "runwise": ["config", RUN], "trackio": ["get", "run"],
        "mlflow-mcp": ["get_run", '{"run_id": ""}']}),
    Question(f"How does it compare with {OTHER}?", {
        "runwise": ["compare", OTHER, RUN],
        "mlflow-mcp": ["compare_runs", '{"experiment_id": "", "run_ids": ""}']}),
    Question(f"Which run has the best {METRIC}?", {
        "runwise": ["best", METRIC],
        "mlflow-mcp": ["get_best_run", json.dumps(
            {"experiment_id": "", "metric": METRIC, "ascending": True})]}),
    Question("How did it look around step 640?", {
        "runwise": ["history", RUN, "--around", "640", "--window", "20", "-k", METRIC],
        "trackio": ["get", "metric", "--around", "640", "--window", "20"],
        "tb-query": ["query", "--tags", METRIC, "--start_step", "620", "--end_step", "660"]}),
)  # fmt: skip


class Tools:
    """Every tool, ready to be asked about the data in one place."""

    def __init__(self, place: Path, venvs: Path) -> None:
        self._place, self._venvs = place, venvs
        here = Path(sys.executable).parent
        self._wandb = Path(importlib.metadata.distribution("wandb").locate_file("wandb/bin"))
        self._trackio = here / "trackio"
        self._ask: dict[str, Callable[[list[str]], str]] = {
            "runwise": self._runwise, "runwise 0.4": self._old, "wandb leet": self._leet,
            "trackio": self._ask_trackio, "mlflow-mcp": self._mlflow, "tb-query": self._tb,
        }  # fmt: skip

    def ask(self, column: str, words: list[str]) -> str:
        """Return what a tool prints."""
        return self._ask[column](words)

    def _run(self, command: list[str | Path], folder: Path, **more: str) -> str:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("RUNWISE")
        }
        settings = {"TRACKIO_DIR": str(self._place / "trackio"),
                    "RUNWISE_CACHE_DIR": str(self._place / "cache"), **more}  # fmt: skip
        done = subprocess.run(command, cwd=folder, env={**kept, **settings}, capture_output=True,
                              text=True, check=False)  # fmt: skip
        if done.returncode not in (0, 1) or not done.stdout.strip():
            raise SystemExit(f"{command}: {done.stdout[-500:]}{done.stderr[-1500:]}")
        return done.stdout

    def _runwise(self, words: list[str]) -> str:
        command = [sys.executable, "-m", "runwise", *words]
        return self._run([*command, "--format", "compact"], demo_root())

    def _old(self, words: list[str]) -> str:
        return self._run([self._venvs / "old/bin/runwise", *words], self._place)

    def _leet(self, words: list[str]) -> str:
        (log,) = demo_root().glob(f"wandb/*{RUN}*/*.wandb")
        quiet = ["leet", "inspect", "-no-observability", *words, "-run-file", log]
        return self._run([self._wandb / "wandb-core", *quiet], self._place)

    def _ask_trackio(self, words: list[str]) -> str:
        about = ["--project", PROJECT] + ([] if words[1] == "runs" else ["--run", RUN])
        metric = ["--metric", METRIC] if words[1] == "metric" else []
        return self._run(
            [self._trackio, *words[:2], *about, *metric, *words[2:], "--json"], self._place
        )

    def _mlflow(self, words: list[str]) -> str:
        python = self._venvs / "peers/bin/python"
        uri = f"sqlite:///{self._place / 'mlflow.db'}"
        return self._run([python, "-c", _ASK_MLFLOW, *words], self._place, MLFLOW_TRACKING_URI=uri)

    def _tb(self, words: list[str]) -> str:
        tool = self._venvs / "peers/bin/tb-query"
        if words[0] == "find":
            return self._run([tool, "find", "tb"], self._place)
        (log,) = self._place.glob(f"tb/{RUN}/events*")
        tags = ["--tags", METRIC] if words == ["stats"] else []
        if words == ["stats"]:
            names = json.loads(self._run([tool, "tags", log], self._place))["tags"]
            tags = [word for name in names for word in ("--tags", name)]
        return self._run([tool, words[0], log, *tags, *words[1:]], self._place)


def prepared(venvs: Path) -> Path:
    """Return the directory of environments, made where one is missing."""
    for name, packages in TOOLS.items():
        if not (venvs / name / "bin/python").exists():
            subprocess.run([sys.executable, "-m", "venv", venvs / name], check=True)
            pip = [venvs / name / "bin/python", "-m", "pip", "install", "-q", *packages]
            subprocess.run(pip, check=True)
    return venvs


def page(costs: list[tuple[Question, dict[str, int]]]) -> str:
    """Return ``docs/tokens.md``."""
    text = (Path(__file__).parent / "tokens.md").read_text(encoding="utf-8")
    heads = ["question", *COLUMNS]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * len(COLUMNS)]
    reasons: list[str] = []
    for question, found in costs:
        least = min(found.values())
        mark = ""
        if found["runwise"] > least:
            reasons.append(question.why)
            mark = f" ({len(reasons)})"
        cells = [f"{found[one]:,}" if one in found else "–" for one in COLUMNS]
        lines.append(f"| {question.text} | {cells[0]}{mark} | " + " | ".join(cells[1:]) + " |")
    notes = [f"{number}. {why}" for number, why in enumerate(reasons, 1)]
    return text.replace("{{table}}", "\n".join(lines)).replace("{{reasons}}", "\n".join(notes))


def main() -> int:
    """Ask, count, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--venvs", type=Path, default=HOUSE / "benchmarks/data/venvs")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    venvs = prepared(asked.venvs)
    with tempfile.TemporaryDirectory() as folder:
        write_all(Path(folder))
        tools = Tools(Path(folder), venvs)
        costs = [
            (one, {column: count(tools.ask(column, words)) for column, words in one.asked.items()})
            for one in QUESTIONS
        ]
    for question, found in costs:
        print(question.text, found)
    if asked.check:
        return int(any(one["runwise"] > min(one.values()) and not q.why for q, one in costs))
    PAGE.write_text(page(costs), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
