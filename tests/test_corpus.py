"""Every real log of the corpus gives what was found in it by other means.

The corpus is no part of the repository: where it is absent, these tests are skipped.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import Run, RunInfo, Series, find_runs, open_run

if TYPE_CHECKING:
    from collections.abc import Iterator

STATES = {"empty": "unknown", "unfinished": "crashed"}
LAST = re.compile(r"(?:last|best)\[(.*?)\]=(\S+?)@(\S+) n=(\d+)")


@cache
def corpus() -> Path | None:
    """The folder with ``index.tsv``: beside this repository, or where the environment says."""
    told = [Path(os.environ["RUNWISE_CORPUS"])] if "RUNWISE_CORPUS" in os.environ else []
    above = [parent / "shared/corpus" for parent in Path(__file__).resolve().parents]
    return next((place for place in [*told, *above] if (place / "index.tsv").is_file()), None)


@cache
def index() -> list[dict[str, str]]:
    """What is known of every file of the corpus."""
    place = corpus()
    if place is None:
        return []
    with (place / "index.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def logs() -> dict[str, str]:
    """What is known of every W&B and JSON Lines log, by its path."""
    return {
        row["local"]: row["truth"]
        for row in index()
        if row["kind"] in ("wandb", "jsonl") and row["local"].endswith((".wandb", ".jsonl"))
    }


def facts(truth: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in truth.split("; ") if not part.startswith("last["))


def opened(log: str) -> Run:
    place = corpus()
    assert place is not None
    return open_run(place / log)


needs_corpus = pytest.mark.skipif(corpus() is None, reason="there is no ../shared/corpus")
each_log = pytest.mark.parametrize("log", sorted(logs()))


@needs_corpus
def test_the_corpus_holds_logs_of_both_kinds() -> None:
    suffixes = [Path(log).suffix for log in logs()]
    assert suffixes.count(".wandb") >= 20
    assert suffixes.count(".jsonl") >= 3


@needs_corpus
@each_log
def test_a_log_has_as_many_rows_and_metrics_as_were_counted(log: str) -> None:
    run, truth = opened(log), facts(logs()[log])
    names = [name for name in run.metrics() if not name.startswith("_")]
    if log.endswith(".wandb"):
        steps = run.series(["_step"]).get("_step", ())
        assert len(steps) == int(truth.get("nhist", 0))
        assert len(names) == int(truth["nkeys"])
    else:
        row_counts = [len(one) for one in run.series().values()]
        assert max(row_counts) <= int(truth["nrows"])
        # The index counts the key of the step as well.
        axes = [name for name in ("step", "current_steps", "epoch") if name not in names]
        held = [name for name in axes if run.series([name])]
        assert int(truth["nkeys"]) - len(names) in (0, len(held))


@needs_corpus
@each_log
def test_a_log_ends_in_the_values_that_were_found_there(log: str) -> None:
    run = opened(log)
    for name, value, step, count in LAST.findall(logs()[log]):
        one = run.series([name])[name]
        assert len(one) == int(count)
        if f"best[{name}]" in logs()[log]:
            assert min(one.values) == float(value)
        else:
            assert one.last == pytest.approx(float(value), rel=1e-12)
        if log.endswith(".wandb"):
            assert one.steps[-1] == float(step)


@needs_corpus
@each_log
def test_a_run_is_in_the_state_in_which_it_was_left(log: str) -> None:
    info, truth = opened(log).info, facts(logs()[log])
    state, code = truth.get("state", "unknown"), truth.get("exit")
    known = STATES.get(state, state)
    assert info.state == ("killed" if code == "255" else known)
    assert info.exit_code == (int(code) if code is not None else None)


@needs_corpus
@each_log
def test_tail_window_and_overview_hold_points_of_the_whole_curve(log: str) -> None:
    run = opened(log)
    for name, one in run.series().items():
        if name not in run.tail(10**6):
            continue
        last = run.tail(10**6)[name]
        assert list(map(repr, last.values)) == list(map(repr, one.values))
        break
    points = {
        (name, step, repr(value))
        for name, one in run.series().items()
        for step, value in zip(one.steps, one.values, strict=True)
    }
    for name, one in run.overview(50).items():
        shown = zip(one.steps, map(repr, one.values), strict=True)
        assert {(name, step, value) for step, value in shown} <= points


SOURCES = {
    "lightning-csv": "csv",
    "rl-csv": "csv",
    "ultralytics": "csv",
    "hf-trainer": "trainer_state",
    "log": "console",
}
"""Which source reads a kind of the index, where it is not called the same."""
NO_TRAINING = ("kwizzlesurp10-ctrl__nanochatkwizzle/agent_new.log",)
"""Texts that hold no numbers of a training: what a sweep's agent said of runs that failed."""
SEVERAL = ("conll2003/1/train.log",)
"""Texts to which several launches were appended, of which the index tells nothing."""
PAIR = re.compile(r"([\w ]+)=(\{.*?\}|\S+?)(?:; |$)")
AXIS_IS_A_STEP = ("tensorboard", "hf-trainer", "detectron2", "mm", "wandb")
"""Kinds in which the index knows the step of a value; in tables it does not say the axis."""


@needs_corpus
def test_every_file_is_claimed_by_its_source_and_gives_the_truth_that_was_found_in_it() -> None:
    place = corpus()
    assert place is not None
    runs = list(find_runs(place))
    owners = {path: run for run in runs for path in run.segments}
    wrong = [line for row in index() for line in _wrong_owner(row, place, owners)]
    checked = 0
    for row in index():
        if _expected(row) and not row["truth"].startswith("companion"):
            checked += 1
            wrong += [f"{row['local']}: {line}" for line in _wrong_truths(row, place, runs)]
    print(
        f"{len(index())} files, {checked} with a truth, {len(runs)} runs: {len(wrong)} mismatches"
    )
    assert checked > 200
    assert not wrong, "\n".join(wrong)


def _expected(row: dict[str, str]) -> str | None:
    """Return the source whose run a file is part of, ``None`` for one that is of no run."""
    of_no_run = "DECOY" in row["writer"] or row["truth"] == "experiment meta"
    of_no_run = of_no_run or row["local"].endswith(NO_TRAINING)
    return None if of_no_run else SOURCES.get(row["kind"], row["kind"])


def _wrong_owner(row: dict[str, str], place: Path, owners: dict[Path, RunInfo]) -> Iterator[str]:
    """Yield a line where a file is claimed by another source than its own, or should by none."""
    path = place / row["local"]
    run = next((owners[one] for one in (path, *path.parents) if one in owners), None)
    found = run.source if run else None
    if found != _expected(row):
        yield f"{row['local']}: claimed by {found}, not {_expected(row)}"


def _wrong_truths(row: dict[str, str], place: Path, runs: list[RunInfo]) -> Iterator[str]:
    """Yield a line for each fact of the index that reading the file contradicts."""
    path, truth = place / row["local"], row["truth"]
    if row["kind"] == "mlflow":
        yield from _wrong_in_mlflow(path, truth, runs)
        return
    if row["kind"] == "log":
        yield from _wrong_in_text(path, truth, runs)
        return
    run = open_run(path)
    series = run.series()
    facts = {name.strip(): told for name, told in PAIR.findall(LAST.sub("", truth))}
    told = _counts(row["kind"], path, run)
    for name in facts.keys() & told.keys():
        if told[name] != float(facts[name]):
            yield f"{name} is {told[name]}, not {facts[name]}"
    unknown = facts.keys() - told.keys() - {"state", "exit"}
    if unknown:
        yield f"nobody checks {sorted(unknown)}"
    for end, name, value, step, count in ENDS.findall(truth):
        curve = _called(_named_by_path(path) or name, int(count), series)
        if curve is None:  # the column is the axis of the others
            ends = (run.info.last_step, max(map(len, series.values())))
            if ends != (float(value), int(count)):
                yield f"{name} ends at {ends}, not {value} after {count} rows"
            continue
        got = min(curve.values) if end == "best" else curve.last
        if (len(curve), got) != (int(count), float(value)):
            yield f"{end} of {name} is {got} of {len(curve)} points, not {value} of {count}"
        at = curve.steps[-1]
        if end == "last" and row["kind"] in AXIS_IS_A_STEP and at != float(step):
            yield f"{name} ends at step {at}, not {step}"


ENDS = re.compile(r"(last|best)\[(.*?)\]=(\S+?)@(\S+) n=(\d+)")


def _called(name: str, count: int, series: dict[str, Series]) -> Series | None:
    """Return a curve by its name, or the one of a directory or a kind: ``val/loss``."""
    if name in series:
        return series[name]
    alike = [one for full, one in series.items() if full.endswith(f"/{name}")]
    return next((one for one in alike if len(one) == count), None)


def _named_by_path(path: Path) -> str:
    """Return a metric's name where its path says it, as dvclive's do; else nothing."""
    return path.with_suffix("").as_posix().partition("plots/metrics/")[2]


def _counts(kind: str, path: Path, run: Run) -> dict[str, float | None]:
    """Return what the index counts, as we count it."""
    series = run.series()
    lengths = [len(one) for one in series.values()]
    steps = {step for one in series.values() for step in one.steps}
    names = {name.removeprefix("val/") for name in run.metrics()}
    rows = max(lengths, default=0)
    if kind == "wandb":
        kept = [name for name in run.metrics() if not name.startswith("_")]
        nhist = len(run.series(["_step"]).get("_step", ()))
        return {"nhist": nhist, "nkeys": len(kept), "nsteps": nhist}
    if kind == "tensorboard":
        return {"nsteps": len(steps), "nkeys": len(series)}
    if kind == "hf-trainer":
        noted = {name for name in run.summary() if not name.startswith("best_")}
        noted -= set() if "train_loss" in noted else {"total_flos"}  # of the file, not of a row
        keys = len(names | noted) + 1
        ends = {"global_step": run.info.last_step, "max_steps": run.info.total_steps}
        return {"nrows": rows, "nsteps": len(steps), "nkeys": keys, **ends}
    if kind == "mm":
        scores = next(len(one) for name, one in series.items() if name.startswith("coco/"))
        return {"nrows": len(series["loss"]) + scores, "nkeys": len(names) + 1}
    if kind == "dvclive":
        name = _named_by_path(path)
        return {"nrows": len(series[name]), "nkeys": 2} if name else {"nkeys": 0}
    damaged = sum(int(count) for gap in run.gaps for count in CUT.findall(gap.missing))
    with path.open("rb") as file:
        ranges = len(re.findall(rb"__M(?:IN|AX)\b", file.readline()))
    return {"nrows": rows + damaged, "nkeys": len(series) + 1 + ranges}


CUT = re.compile(r"^cells of (\d+) rows?")


def _wrong_in_mlflow(path: Path, truth: str, runs: list[RunInfo]) -> Iterator[str]:
    """Yield what is wrong with a database, a metric or a parameter of a file store."""
    if path.suffix == ".db":
        inside = [run for run in runs if run.segments == (path,)]
        states = Counter(run.state for run in inside)
        told = dict(re.findall(r"'(\w+)': (\d+)", truth))
        if states != {state.lower(): int(count) for state, count in told.items()}:
            yield f"states are {dict(states)}, not {told}"
        series = [run.series() for run in map(open_run, inside)]
        keys = {name for one in series for name in one}
        most = max(len(curve) for one in series for curve in one.values())
        counted = f"metric keys={len(keys)}; max points per key={most}"
        if not truth.endswith(counted):
            yield f"{counted}, not {truth}"
        return
    folder = next(run.path for run in runs if run.path in path.parents)
    run = open_run(folder)
    kind, _, name = path.relative_to(folder).as_posix().partition("/")
    if kind == "params" and str(run.config().get(name)) != path.read_text(encoding="utf-8"):
        yield f"parameter {name} is {run.config().get(name)!r}"
    if kind == "metrics":
        curve = run.series([name])[name]
        told = f"points={len(curve)}; last={curve.last}; step={curve.steps[-1]:.0f}"
        if told != truth:
            yield f"{told}, not {truth}"


PRINTED = re.compile(r"matches=(\d+) first=(\S+?)@(\S*) last=(\S+?)@(\S*) min=(\S+)")
"""What the index counted with an expression of its own: of one metric, by its values."""
ROUNDED = {"K": 1e3, "M": 1e6}


def _wrong_in_text(path: Path, truth: str, runs: list[RunInfo]) -> Iterator[str]:
    """Yield a line unless a metric was printed as often, first, last and least as was counted."""
    inside = [run for run in runs if run.segments == (path,)]
    if path.as_posix().endswith(SEVERAL):
        if not all(open_run(run).series() for run in inside):
            yield "one of its launches holds nothing"
        return
    series = open_run(path).series()
    told = PRINTED.search(truth)
    if told is None:
        if not series:
            yield "nothing is read of it"
        return
    count, first, begin, last, end, least = told.groups()
    wanted = repr(
        [int(count), float(first), float(last), least if least == "None" else float(least)]
    )
    if not any(_counted(one, begin, end) == wanted for one in series.values()):
        yield f"no metric is {wanted} from step {begin} to {end}"


def _counted(one: Series, begin: str, end: str) -> str:
    """Return what the index counts of a curve; nothing where its steps are others."""
    for told, step in ((begin, one.steps[0]), (end, one.steps[-1])):
        number = told.rpartition("|")[2]
        scale = ROUNDED.get(number[-1:], 1.0)
        if number and step != float(number.rstrip("KM")) * scale:
            return ""
    finite = [value for value in one.values if value == value]  # noqa: PLR0124  NaN is none
    return repr([len(one), one.values[0], one.values[-1], min(finite) if finite else "None"])
