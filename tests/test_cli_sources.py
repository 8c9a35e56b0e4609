"""``runwise sources``: every format that is read, in few tokens, and one run of each in a list."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import shutil

import pytest
from click.testing import CliRunner
from inline_snapshot import snapshot

from runwise.main import main
from runwise_parsers import RunInfo, find_runs, open_run
from runwise_parsers.mirror_log.keeping import Mirror
from runwise_parsers.shelf import known_sources


@pytest.mark.parametrize("output", ["compact", "text", "md", "csv"])
def test_every_source_is_named_in_every_output(runwise, output):
    done = runwise("sources", "--format", output)
    assert (done.returncode, done.stderr) == (0, b"")
    for name in known_sources():
        assert name in done.stdout.decode()


def test_sources_for_a_program(runwise):
    answer = json.loads(runwise("sources", "--format", "json").stdout)
    assert answer["kind"] == "sources"
    rows = {row["source"]: row["reads"] for row in answer["sources"]}
    assert list(rows) == list(known_sources())
    assert all(rows.values())


def test_sources_for_an_agent(runwise):
    shown = runwise("sources").stdout.decode()
    needs = re.compile(r",(?:installed|[^,\n]*pip install[^\n]*)$", re.MULTILINE)
    assert needs.sub(",NEEDS", shown) == snapshot("""\
17 sources, 3 kinds of servers
source,reads
mirror,runs that were fetched from a server
wandb,"wandb/run-*/, offline and online"
swanlab,"swanlog/run-*/, offline and local"
mlflow,mlflow.db (sqlite) and mlruns/ file stores
trackio,<project>.db (sqlite) of a Trackio directory
detectron2,"metrics.json, one JSON object a line"
mm,"*.log.json of mmcv, vis_data/ of mmengine"
trainer_state,trainer_state.json of Hugging Face's Trainer
sacred,directories of Sacred's FileStorageObserver
dvclive,directories of DVCLive: plots/metrics/*.tsv
comet,offline archives of Comet: <key>.zip
clearml,offline sessions of ClearML: offline-<id>/ and .zip
tensorboard,events.out.tfevents.*
csv,"*.csv of Lightning, Keras, ultralytics, SB3, own loops"
ranks,"rank0.jsonl ... rank7.jsonl, as one run"
jsonl,*.jsonl with numbers and steps
console,"text logs: nanoGPT, HF, Megatron, Keras, tqdm, own loops"
server,reads,needs
wandb-cloud,"W&B's cloud: ENTITY/PROJECT/ID, https://wandb.ai/...",NEEDS
mlflow-server,"http://host:port, or as copied from the browser",
paths,"s3://, gs://, hf:// and https:// paths of any of the sources",NEEDS
more: runwise list
""")


def test_a_source_costs_at_most_18_tokens(runwise, tokens):
    shown = runwise("sources").stdout.decode()
    assert tokens(shown) <= 18 * len(shown.splitlines())


def test_the_command_is_found_by_its_help(runwise):
    assert b"sources" in runwise("--help").stdout
    assert b"Name the formats" in runwise("sources", "--help").stdout


@pytest.fixture(scope="module")
def every_source(house, tmp_path_factory):
    """A project with a run of every source, as its tracker wrote it, and what they are called."""
    root = tmp_path_factory.mktemp("project")
    fixtures = house / "packages/runwise-parsers/tests/runs"
    chosen = {}
    for info in sorted(find_runs(fixtures), key=lambda one: one.id):
        known = chosen.get(info.source)
        if known is None or (info.last_step or 0) > (known.last_step or 0):
            chosen[info.source] = info
    for source, info in chosen.items():
        for path in info.segments:
            place = path if path.is_dir() else path.parent
            shutil.copytree(place, root / source / place.name, dirs_exist_ok=True)
    makers = load_makers(house)
    for number, source in enumerate(sorted(makers.keys() - chosen.keys())):
        makers[source](root / source, number)
    return root


def load_makers(house):
    path = house / "benchmarks/small_runs.py"
    spec = importlib.util.spec_from_file_location("small_runs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        "tensorboard": module.tensorboard,
        "csv": module.lightning,
        "detectron2": module.detectron,
        "mm": module.mmengine,
        "jsonl": module.jsonl,
        "ranks": module.ranks,
        "mirror": mirrored,
    }


def mirrored(folder, number):
    """Keep a run as if it had been fetched from a server."""
    with Mirror(folder / f"far{number}") as mirror:
        mirror.append({"_step": step, "loss": 1 / (1 + step)} for step in range(9))
        info = RunInfo("mirror", f"far{number}", state="finished", last_step=8)
        mirror.write(info, {"lr": 0.1}, {}, {"next_step": 9})


@pytest.fixture
def ask(every_source, monkeypatch):
    """Call the command in this process, in the project of all sources."""
    monkeypatch.chdir(every_source)
    apart = "mix_stderr" in inspect.signature(CliRunner).parameters  # click before 8.2
    runner = CliRunner(mix_stderr=False) if apart else CliRunner()

    def ask(*words):
        done = runner.invoke(main, [*words, "--format", "json"], prog_name="runwise")
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done

    return ask


def test_a_list_shows_a_run_of_every_source(every_source, ask):
    found = {info.source for info in find_runs(every_source)}
    assert found == set(known_sources())
    listed = {row["id"] for row in json.loads(ask("list", "-n", "200", "--all").stdout)["runs"]}
    assert {info.id for info in find_runs(every_source)} == listed


@pytest.mark.parametrize("source", list(known_sources()))
def test_every_report_takes_a_run_of_every_source_by_id_name_and_path(every_source, ask, source):
    runs = [one for one in find_runs(every_source) if not one.deleted]
    info = max((one for one in runs if one.source == source), key=lambda one: one.last_step or 0)
    place = str(info.path.relative_to(every_source))
    alone = sum(one.segments == info.segments for one in runs) == 1
    refs = [info.id, place if alone else f"{place}/{info.id}"]
    refs += [info.name] if [one.name for one in runs].count(info.name) == 1 else []
    for ref in refs:
        done = ask("run", ref)
        assert done.exit_code == 0, f"{ref}: {done.stderr}"
        assert info.id in done.stdout
    metric = next(iter(open_run(info).series()))
    for words in (
        ["history", info.id],
        ["stats", info.id],
        ["keys", info.id],
        ["config", info.id],
    ):
        done = ask(*words)
        assert done.exit_code == 0, f"{words}: {done.stderr}"
    assert ask("check", info.id).exit_code in (0, 1, 2)
    assert metric in ask("keys", info.id).stdout
    assert info.id in ask("best", metric, "-n", "200").stdout


def test_runs_of_two_sources_are_compared(every_source, ask):
    runs = {info.source: info for info in find_runs(every_source)}
    done = ask("compare", runs["tensorboard"].id, runs["wandb"].id)
    assert done.exit_code == 0, done.stderr
    assert runs["wandb"].id in done.stdout
    assert runs["tensorboard"].id in done.stdout
