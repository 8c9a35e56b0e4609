"""Offline archives of Comet, as they are written and as they break.

``runs/comet`` was made by ``tools/fixtures/comet_cases.py`` with comet_ml 3.58.
"""

from __future__ import annotations

import io
import json
import math
import os
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.comet import Comet
from runwise_parsers.testing import REWRITTEN_CHECKS, SOURCE_CHECKS

RUNS = Path(__file__).with_name("runs") / "comet"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
KEY = "0123456789abcdef0123456789abcdef"
NOW = 1_700_000_000.0
ANYTHING = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = {math.inf: "Infinity", -math.inf: "-Infinity"}


def message(kind: str, *, at: float = 0.0, **payload) -> str:
    payload = {"local_timestamp": int((NOW + at) * 1000), **payload}
    return json.dumps({"payload": payload, "type": kind})


def metric(name, value, step=None, epoch=None, *, at: float = 0.0) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        value = "NaN" if math.isnan(value) else WORDS[value]
    told = {"metricName": name, "metricValue": value, "step": step, "epoch": epoch}
    return message("metric_msg", at=at, metric=told)


def parameter(name, value, source="manual", step=None) -> str:
    told = {"paramName": name, "paramValue": value, "source": source, "step": step}
    return message("parameter_msg", param=told)


def printed(output: str, *, stderr: bool = False) -> str:
    return message("standard_output", output=output, stderr=stderr)


def experiment(**more) -> dict:
    return {
        "offline_id": KEY, "project_name": "toy", "workspace": "demo", "tags": ["b", "a"],
        "start_time": int(NOW * 1000), "stop_time": int((NOW + 90) * 1000),
        "customer_error_reported": False, "customer_error_message": None, **more,
    }  # fmt: skip


def save(folder: Path, lines, *, method=zipfile.ZIP_STORED, name=KEY, **more) -> Path:
    """An archive as the experiment writes it when it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("experiment.json", json.dumps(experiment(**more)))
        archive.writestr("messages.json", "".join(f"{line}\n" for line in lines))
    return path


def sampled(rows) -> list[str]:
    return [
        metric(name, value, step, at=step / 10)
        for step, row in rows
        for name, value in row.items()
    ]


def points_in(run, name: str) -> list[tuple[float, float]]:
    one = run.series([name])[name]
    return list(zip(one.steps, one.values, strict=True))


@pytest.fixture(params=[zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def write_archive(request):
    return lambda folder, rows: save(folder, sampled(rows), method=request.param)


@pytest.fixture
def write_messages():
    """The messages of an experiment that goes on, in its temporary directory."""

    def write(folder, rows):
        (folder / "tmp1").mkdir(exist_ok=True)
        path = folder / "tmp1" / "messages.json"
        path.write_text("".join(f"{line}\n" for line in [parameter("lr", 1), *sampled(rows)]))
        return path

    return write


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_an_archive_holds_the_contract(check, write_archive, tmp_path):
    check(Comet(), write_archive, tmp_path)


@pytest.mark.parametrize("check", [one for one in SOURCE_CHECKS if "cut" not in one.__name__])
def test_messages_by_themselves_hold_the_contract(check, write_messages, tmp_path):
    check(Comet(), write_messages, tmp_path)


# --- what is a run ---


def test_only_archives_with_messages_are_claimed(tmp_path):
    save(tmp_path, [metric("loss", 1.0, 0)])
    other = tmp_path / f"{'x' * 32}.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("weights.bin", "0" * 40_000)
        archive.writestr("readme.md", "no run")
    (tmp_path / f"{'y' * 32}.zip").write_bytes(b"PK\3\4 no archive")
    (tmp_path / "messages.json").write_text('[{"role": "user", "content": "hello"}]')
    assert [info.id for info in find_runs(tmp_path, sources=[Comet()])] == [KEY]
    with pytest.raises(LookupError):
        open_run(other, sources=[Comet()])


def test_messages_behind_large_assets_are_found_by_the_directory(tmp_path):
    path = tmp_path / f"{KEY}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("3f2a.png", os.urandom(50_000))
        archive.writestr("messages.json", metric("loss", 1.0, 0) + "\n")
        archive.writestr("experiment.json", json.dumps(experiment()))
    (info,) = find_runs(tmp_path)
    assert (info.id, info.last_step) == (KEY, 0)


def test_a_person_may_name_an_archive_whatever_it_is_called(tmp_path):
    path = save(tmp_path, [metric("loss", 1.0, 0)]).rename(tmp_path / "best run.zip")
    assert list(find_runs(tmp_path)) == []
    assert points_in(open_run(path), "loss") == [(0, 1.0)]


def test_an_archive_with_names_that_lead_elsewhere_writes_nothing(tmp_path):
    path = save(tmp_path / "in", [metric("loss", 1.0, 0)])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../outside.txt", "no")
        archive.writestr("/absolute.txt", "no")
    run = open_run(path)
    run.series(), run.config(), run.console(), run.artifacts()
    assert sorted(one.name for one in tmp_path.rglob("*")) == [f"{KEY}.zip", "in"]


def test_the_archives_of_an_experiment_that_was_resumed_are_one_run(tmp_path):
    """Their names say nothing about their order."""
    first = save(tmp_path, [parameter("lr", 1), *(metric("loss", 1.0, at) for at in range(3))])
    again = {"start_time": int((NOW + 200) * 1000), "stop_time": int((NOW + 300) * 1000)}
    lines = [metric("loss", 2.0, at) for at in (3, 4)]
    later = save(tmp_path, lines, name=f"{KEY}-AbCdEf", tags=["c"], **again)
    (info,) = find_runs(tmp_path)
    assert (info.id, info.segments) == (KEY, (first, later))
    assert (info.created, info.updated, info.last_step) == (NOW, NOW + 300, 4)
    assert info.tags == ("a", "b", "c")
    run = open_run(info)
    assert points_in(run, "loss") == [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2)]
    assert run.config() == {"lr": 1}
    cursors = [batch.cursor for batch in run.batches()]
    assert [list(batch.columns["loss"].steps) for batch in run.since(cursors[0])] == [[3, 4]]
    assert list(open_run(info).since(cursors[-1])) == []
    save(tmp_path, [*lines, metric("loss", 3.0, 5)], name=f"{KEY}-AbCdEf", **again)
    assert [list(batch.columns["loss"].steps) for batch in run.since(cursors[-1])] == [[5]]


# --- curves ---


def test_each_metric_keeps_the_steps_it_was_logged_with(tmp_path):
    lines = [metric("loss", 1 / (step + 1), step, at=step) for step in range(20)]
    lines += [metric("val", value, value) for value in (0, 1, 2)]
    run = open_run(save(tmp_path, lines))
    assert points_in(run, "val") == [(0, 0), (1, 1), (2, 2)]
    assert run.series()["loss"].times.tolist() == [NOW + step for step in range(20)]
    assert {batch.segment for batch in run.batches()} == {0}


def test_a_metric_whose_steps_fall_begins_a_segment(tmp_path):
    run = open_run(save(tmp_path, [metric("loss", 1.0, step) for step in (0, 1, 2, 0, 1)]))
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert [step for step, _ in points_in(run, "loss")] == [0, 1, 2, 0, 1]
    cursors = [batch.cursor for batch in run.batches()]
    assert [one.segment for one in run.since(cursors[0])] == [1]
    assert list(run.tail(2)["loss"].steps) == [0, 1]


def test_a_metric_without_steps_is_counted_and_duplicates_stay(tmp_path):
    lines = [metric("a", value) for value in (5, 6, 7)] + [metric("b", 1, 3), metric("b", 2, 3)]
    run = open_run(save(tmp_path, lines))
    assert points_in(run, "a") == [(0, 5), (1, 6), (2, 7)]
    assert points_in(run, "b") == [(3, 1), (3, 2)]


def test_values_are_numbers_in_every_spelling(tmp_path):
    values = [float("nan"), float("inf"), float("-inf"), "True", "0.25", 7, "1_0", "abc", None]
    run = open_run(save(tmp_path, [metric("x", value, at) for at, value in enumerate(values)]))
    numbers = ["nan", "inf", "-inf", "1.0", "0.25", "7.0"]
    assert list(map(repr, run.series()["x"].values)) == numbers
    assert [str(gap) for gap in run.gaps] == [
        "3 points of x: there is no number. All other points were read."
    ]


def test_the_epoch_is_a_curve_of_its_own(tmp_path):
    lines = [parameter("curr_epoch", 0, "auto-logged", 0), metric("loss", 1.0, 0, 0)]
    lines += [parameter("curr_epoch", 1, "auto-logged", 10), metric("loss", 0.5, 10, 1)]
    run = open_run(save(tmp_path, lines))
    assert points_in(run, "curr_epoch") == [(0, 0), (10, 1)]
    assert run.config() == {}


def test_measurements_of_the_machine_have_no_step(tmp_path):
    lines = [metric("sys.cpu.percent.avg", 12.5, at=3), metric("loss", 1.0, 0)]
    run = open_run(save(tmp_path, lines))
    one = run.system()["sys.cpu.percent.avg"]
    assert (list(one.steps), list(one.values), list(one.times)) == ([3], [12.5], [NOW + 3])
    assert run.metrics() == ("loss",)
    assert run.system(["loss"]) == {}


def test_ten_thousand_metrics_and_names_nobody_expects(tmp_path):
    odd = ["a\nb", "\x1b[31mred", "损失", "", "dot.name"]
    names = [*odd, *(f"m{number}" for number in range(10_000))]
    run = open_run(save(tmp_path, [metric(name, 1.0, step) for step in (0, 1) for name in names]))
    assert set(run.metrics()) == set(names)
    last = list(run.batches())[-1]
    assert len(last.cursor) < 2048
    assert list(run.since(last.cursor)) == []


def test_points_without_steps_go_on_counting(tmp_path):
    path = tmp_path / "messages.json"
    path.write_text("".join(f"{metric('a', value)}\n" for value in range(3)))
    run = open_run(path)
    cursor = list(run.batches())[-1].cursor
    with path.open("a") as file:
        file.write(metric("a", 7) + "\n" + metric("a", 8)[:-9])
    (batch,) = run.since(cursor)
    assert list(zip(batch.columns["a"].steps, batch.columns["a"].values, strict=True)) == [(3, 7)]
    assert [gap.missing for gap in run.gaps] == ["the end of messages.json"]


# --- how it went ---


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, "finished"),
        ("Unexpected error detected in the user script: RuntimeError('no')", "failed"),
        ("Unexpected error detected in the user script: KeyboardInterrupt()", "killed"),
    ],
)
def test_the_error_that_was_reported_says_how_it_ended(error, state, tmp_path):
    reported = {"customer_error_reported": error is not None, "customer_error_message": error}
    info = open_run(save(tmp_path, [metric("loss", 1.0, 4)], **reported)).info
    assert (info.state, info.created, info.updated) == (state, NOW, NOW + 90)
    assert (info.project, info.group, info.tags) == ("toy", "demo", ("a", "b"))


def test_an_empty_archive_is_a_run_that_says_where_its_messages_are(tmp_path):
    with zipfile.ZipFile(tmp_path / f"{KEY}.zip", "w"):
        pass
    (info,) = find_runs(tmp_path)
    assert (info.state, info.last_step) == ("unknown", None)
    assert open_run(info).series() == {}
    assert "name that file" in info.gaps[0].remedy


def test_messages_go_on_while_clock_and_file_are_fresh(tmp_path):
    path = tmp_path / "messages.json"
    now = time.time()
    path.write_text(metric("loss", 1.0, 0, at=now - NOW) + "\n")
    assert open_run(path).info.state == "running"
    os.utime(path, (now - 900, now - 900))
    assert open_run(path).info.state == "crashed"


def test_messages_say_who_ran_what_where(tmp_path):
    lines = [
        message("system_details", command=["train.py", "--lr", "0.1"], hostname="demo", env=None),
        message("git_metadata", git_metadata={"parent": "abc123", "branch": "main"}),
        message("log_other", key="Name", value="first"),
        message("log_other", key="notes", value="second try"),
        metric("loss", 1.0, 7),
    ]
    run = open_run(save(tmp_path, lines))
    info = run.info
    assert (info.name, info.host, info.commit) == ("first", "demo", "abc123")
    assert (info.command, info.last_step) == ("train.py --lr 0.1", 7)
    assert run.summary() == {"notes": "second try", "loss": 1.0}


def test_parameters_are_nested_as_they_were_logged(tmp_path):
    lines = [parameter("lr", 0.1), parameter("model|depth", 3), parameter("model|width|a", 1)]
    lines += [parameter("lr", 0.2), parameter("lr|warm", 5), parameter("model", "text")]
    assert open_run(save(tmp_path, lines)).config() == {
        "lr": 0.2, "model": "text", "model|depth": 3, "model|width|a": 1, "lr|warm": 5,
    }  # fmt: skip
    assert open_run(save(tmp_path, lines[:3])).config() == {
        "lr": 0.1, "model": {"depth": 3, "width": {"a": 1}},
    }  # fmt: skip


def test_the_console_joins_what_was_printed_piece_by_piece(tmp_path):
    lines = [
        printed("hello "), printed("oops", stderr=True), printed("world"), printed("\n"),
        printed("\n", stderr=True), printed("10%\r90%\r100%\n"), printed("COMET INFO: bye\n"),
        printed("open end"),
    ]  # fmt: skip
    run = open_run(save(tmp_path, lines))
    assert run.console(9) == ["hello world", "oops", "100%", "open end"]
    assert run.console(1) == ["open end"]
    assert run.console(0) == []


# --- damage ---


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_that_is_cut_gives_what_its_headers_allow(method, tmp_path):
    lines = [metric("loss", step / 7, step) for step in range(3000)]
    path = save(tmp_path, lines, method=method)
    data, known = path.read_bytes(), 0
    for size in range(len(data) // 10, len(data), len(data) // 10):
        path.write_bytes(data[:size])
        run = open_run(path)
        got = points_in(run, "loss")
        assert got == [(step, step / 7) for step in range(len(got))]
        assert len(got) > known
        known = len(got)
        assert any("cut short" in gap.because for gap in run.gaps)
    assert known > 2000


def test_a_wrong_number_in_an_archive_is_told_by_its_checksum(tmp_path):
    path = save(tmp_path, [metric("loss", 1.5, step) for step in range(3)])
    path.write_bytes(path.read_bytes().replace(b"1.5", b"1.7", 1))
    run = open_run(path)
    assert points_in(run, "loss")[0] == (0, 1.7)
    assert [gap.because for gap in run.gaps] == ["its checksum does not fit"]


def test_headers_that_leave_sizes_to_what_follows_are_read(tmp_path):
    class Pipe(io.RawIOBase):
        """Written to without going back, as archives are that are sent somewhere."""

        data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("messages.json", metric("loss", 1.0, 0) + "\n")
    path = tmp_path / f"{KEY}.zip"
    for data in (pipe.data, pipe.data[: pipe.data.rfind(b"PK\1\2")]):
        path.write_bytes(data)
        assert points_in(open_run(path), "loss") == [(0, 1.0)]


def test_a_bomb_is_not_read_to_its_end(tmp_path):
    path = tmp_path / f"{KEY}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("experiment.json", json.dumps(experiment()))
        with archive.open("messages.json", "w") as file:
            file.write((metric("loss", 1.0, 0) + "\n").encode())
            for _ in range(160):
                file.write(bytes(1 << 20))
    tracemalloc.start()
    run = open_run(path)
    assert points_in(run, "loss") == [(0, 1.0)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "200 times its size" in str(run.gaps)
    assert peak < 100 << 20


def test_lines_that_are_no_json_are_counted(tmp_path):
    lines = [metric("loss", 1.0, 0), "{", "[1]", metric("loss", 2.0, 1)]
    run = open_run(save(tmp_path, lines))
    assert points_in(run, "loss") == [(0, 1.0), (1, 2.0)]
    assert [gap.missing for gap in run.gaps] == ["2 events of messages.json"]


def test_git_lfs_pointers_and_directories_say_what_to_do(tmp_path):
    path = tmp_path / f"{KEY}.zip"
    path.write_text("version https://git-lfs.github.com/spec/v1\n")
    assert [gap.remedy for gap in open_run(path).gaps] == ["Run git lfs pull."]
    path.unlink()
    path.mkdir()
    assert list(find_runs(tmp_path, sources=[Comet()])) == []


def test_an_archive_that_disappears_is_a_gap(tmp_path):
    path = save(tmp_path, [metric("loss", 1.0, 0)])
    run = open_run(path)
    cursor = list(run.batches())[-1].cursor
    path.unlink()
    assert [batch.restart for batch in run.since(cursor)] == [True]
    assert run.gaps[0].because == "no such file or directory"
    assert (run.console(), run.config(), run.system()) == ([], {}, {})


def ask_everything(folder: Path) -> None:
    for info in find_runs(folder, sources=[Comet()]):
        run = open_run(info, sources=[Comet()])
        batches = list(run.batches())
        assert list(run.since(batches[-1].cursor)) == [] if batches else run.series() == {}
        run.overview(3), run.tail(3), run.summary(), run.config(), run.console(), run.system()
        assert all(str(gap) for gap in run.gaps)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from([
        "metricName", "metricValue", "step", "epoch", "paramName", "paramValue", "source",
        "local_timestamp", "output", "stderr", "key", "value", "command", "git_metadata", "tags",
        "start_time", "stop_time", "customer_error_reported", "customer_error_message",
    ]),
    JSON,
)  # fmt: skip


@given(told=FIELDS, payload=FIELDS, inner=FIELDS | JSON, kind=st.sampled_from(["metric", "param"]))
@ANYTHING
def test_whatever_json_stands_in_it_all_questions_are_answered(
    told, payload, inner, kind, tmp_path
):
    lines = [json.dumps({"payload": {**payload, kind: inner}, "type": "x"})] * 2
    save(tmp_path, [*lines, json.dumps(inner)], **told)
    ask_everything(tmp_path)


@given(more=st.binary(max_size=80), kept=st.integers(0, 900), packed=st.booleans())
@ANYTHING
def test_any_bytes_are_read_without_an_exception(more, kept, packed, tmp_path):
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    path = save(tmp_path, [metric("a", 1.0, step) for step in range(5)], method=method)
    data = path.read_bytes()
    path.write_bytes(data[:kept] + more + data[kept + len(more) :])
    ask_everything(tmp_path)


# --- experiments of the real Comet ---


@pytest.fixture(params=sorted(TRUTHS))
def real(request):
    (info,) = find_runs(RUNS / request.param)
    return TRUTHS[request.param], open_run(info)


def test_a_real_run_gives_what_was_logged(real, points):
    truth, run = real
    logged = {
        name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
        for name, key in truth["keys"].items()
    }
    assert {name: points(one) for name, one in run.series().items()} == logged
    assert all(one.times is not None for one in run.series().values())
    assert {batch.segment for batch in run.batches()} <= {0}


def test_a_real_run_is_described_as_it_ended(real):
    truth, run = real
    info = run.info
    assert info.state in {truth["state"], *truth.get("or_state", ())}
    steps = [step for key in truth["keys"].values() for step in key["steps"]]
    assert info.last_step == max(steps, default=None)
    if truth["keys"]:
        assert (info.name, info.host, info.command) == ("toy", "demo", "train.py")
        assert run.config() == truth.get("config", {})
        assert truth.get("console", "") in "\n".join(run.console(5))
    if truth.get("project"):
        assert (info.project, info.id, info.tags) == ("toy", truth["id"], ("base", "toy"))
    assert [gap.missing for gap in run.gaps] == truth.get("gaps", [])
