"""Mirrors: what is kept of a run that was fetched from a server, and how it is read again."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import Gap, RunInfo, find_runs, open_run
from runwise_parsers.mirror_log.keeping import Mirror
from runwise_parsers.mirror_log.layout import HEAD, HISTORY, mirror_place
from runwise_parsers.remote_shelf import known_remotes, missing, remote_for
from runwise_parsers.sources.mirror import MirrorSource
from runwise_parsers.testing import SOURCE_CHECKS

INFO = RunInfo(
    "far-away",
    "3k9x",
    name="small lr",
    state="finished",
    created=1.7e9,
    updated=1.7e9 + 60,
    project="team/bert",
    tags=("a", "b"),
    exit_code=0,
    gaps=(Gap("half of it", "the server was tired", "Ask again."),),
)


def write_rows(folder, rows):
    """Write a mirror as its format is described, without the code that writes ours."""
    head = {"version": 1, "remote": "mirror", "info": {"id": "a1", "state": "unknown"}}
    (folder / "runwise-mirror.json").write_text(json.dumps(head))
    path = folder / "history.jsonl"
    words = {math.inf: "Infinity", -math.inf: "-Infinity"}
    lines = [
        {name: "NaN" if math.isnan(one) else words.get(one, one) for name, one in row.items()}
        for _, row in rows
    ]
    steps = [step for step, _ in rows]
    texts = [json.dumps({"_step": at, **row}) for at, row in zip(steps, lines, strict=True)]
    path.write_text("".join(f"{one}\n" for one in texts))
    return path


@pytest.fixture
def mirrored(tmp_path):
    """Keep rows of a run, and return it as it was given back."""

    def keep(*rows, info=INFO, config=None, summary=None, state=None):
        with Mirror(tmp_path / "far-away" / "3k9x") as mirror:
            mirror.append(rows)
            return mirror.write(
                info, config or {}, summary or {}, state or {}, url="http://x/3k9x"
            )

    return keep


@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_the_mirror_source_holds_the_contract(check, tmp_path):
    check(MirrorSource(), write_rows, tmp_path)


def test_what_was_kept_is_read_again_as_the_server_said_it(mirrored, tmp_path):
    config, summary = {"lr": 0.1, "nested": {"deep": [1, None]}}, {"best": 0.5, "loss": 0.25}
    rows = [{"_step": 0, "_timestamp": 1.7e9, "loss": 0.5}, {"_step": 7, "loss": 0.25}]
    given_back = mirrored(*rows, config=config, summary=summary)
    assert given_back == replace(INFO, segments=(tmp_path / "far-away" / "3k9x",))
    run = open_run(given_back)
    assert run.series()["loss"].steps.tolist() == [0, 7]
    assert (run.config(), run.summary()) == (config, summary)
    assert (run.info.source, run.info.state, run.gaps) == ("far-away", "finished", INFO.gaps)


def test_a_walk_finds_it_once_with_the_id_of_the_server_and_its_last_step(mirrored, tmp_path):
    mirrored({"_step": 41, "loss": 1.0})
    (info,) = find_runs(tmp_path)
    assert (info.id, info.source, info.last_step, info.tags) == (
        "3k9x",
        "far-away",
        41,
        ("a", "b"),
    )
    assert open_run(info).series()["loss"].values.tolist() == [1.0]


def test_a_second_fetch_adds_to_the_first(mirrored):
    mirrored({"_step": 0, "loss": 2.0}, state={"next": 1})
    run = open_run(mirrored({"_step": 1, "loss": 1.0}, state={"next": 2}))
    assert run.series()["loss"].values.tolist() == [2.0, 1.0]


def test_what_a_fetch_kept_that_died_is_cut_off(mirrored, tmp_path):
    mirrored({"_step": 0, "loss": 2.0}, state={"next": 1})
    with Mirror(tmp_path / "far-away" / "3k9x") as mirror:
        mirror.append([{"_step": 1, "loss": 1.0}])  # and no write
    with Mirror(tmp_path / "far-away" / "3k9x") as mirror:
        assert mirror.state() == {"next": 1}
        mirror.append([{"_step": 1, "loss": 1.5}])
        info = mirror.write(INFO, {}, {}, {"next": 2})
    assert open_run(info).series()["loss"].values.tolist() == [2.0, 1.5]


def test_rows_that_are_gone_are_fetched_anew(mirrored, tmp_path):
    info = mirrored({"_step": 0, "loss": 2.0}, state={"next": 1})
    (info.path / HISTORY).write_bytes(b"")
    with Mirror(tmp_path / "far-away" / "3k9x") as mirror:
        assert mirror.state() == {}


def test_a_run_that_was_started_again_forgets_its_rows(mirrored, tmp_path):
    mirrored({"_step": 5, "loss": 2.0}, state={"next": 6})
    with Mirror(tmp_path / "far-away" / "3k9x") as mirror:
        mirror.restart()
        assert mirror.state() == {}
        mirror.append([{"_step": 0, "loss": 9.0}])
        info = mirror.write(INFO, {}, {}, {})
    assert open_run(info).series()["loss"].values.tolist() == [9.0]


def test_numbers_of_every_kind_survive(mirrored):
    row = {"_step": 3, "nan": math.nan, "inf": math.inf, "text": "NaN", "yes": True, "no": None}
    odd = {"big": 1 << 80, "a": {"b": {"c": 2}}, "half \ud800": 1.5, "word": "hm", "list": [1]}
    series = open_run(mirrored(row | odd)).series()
    values = {name: one.values.tolist() for name, one in series.items()}
    assert {name: repr(one[0]) for name, one in values.items()} == {
        "nan": "nan", "inf": "inf", "text": "nan", "yes": "1.0", "big": repr(float(1 << 80)),
        "a.b.c": "2.0", "half ?": "1.5",
    }  # fmt: skip


def test_a_metric_that_is_called_step_is_a_metric(mirrored):
    series = open_run(mirrored({"_step": 10, "step": 1, "time": 4.0})).series()
    assert (series["step"].steps.tolist(), series["step"].values.tolist()) == ([10], [1])


def test_media_are_a_gap_that_names_the_page(mirrored):
    run = open_run(mirrored({"_step": 0, "pic": {"_type": "image-file", "width": 3}, "loss": 1}))
    assert list(run.series()) == ["loss"]
    assert "media pic (image-file)" in str(run.gaps[-1])
    assert "http://x/3k9x" in str(run.gaps[-1])


def test_console_and_measures_of_the_machine_stand_beside(tmp_path):
    with Mirror(tmp_path / "one") as mirror:
        mirror.put_console(b"one\ntwo\rthree\n")
        mirror.append_system([{"_step": 15.0, "_timestamp": 1.7e9, "gpu.0.gpu": 93}])
        run = open_run(mirror.write(INFO, {}, {}, {}))
    assert run.console() == ["one", "three"]
    assert run.system()["gpu.0.gpu"].steps.tolist() == [15.0]
    assert run.system(["gpu.0.gpu"])["gpu.0.gpu"].values.tolist() == [93]
    assert run.series() == {}


def test_two_that_fetch_the_same_run_take_turns(tmp_path):
    with (
        Mirror(tmp_path / "one"),
        pytest.raises(TimeoutError, match="another process"),
        Mirror(tmp_path / "one", wait=0),
    ):
        pass
    with Mirror(tmp_path / "one", wait=0) as mirror:
        assert mirror.state() == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "\0\0", '{"version": 2}', '{"version": 1, "info": 7, "config": []}']
)
def test_a_head_that_is_damaged_costs_what_it_said_only(mirrored, text):
    info = mirrored({"_step": 0, "loss": 2.0})
    (info.path / HEAD).write_text(text)
    run = open_run(info.path)
    assert run.series()["loss"].values.tolist() == [2.0]
    assert (run.config(), run.info.source) == ({}, "mirror")


def test_fields_of_another_kind_are_as_if_they_were_not_there(mirrored):
    info = mirrored({"_step": 0, "loss": 2.0})
    head = json.loads((info.path / HEAD).read_text())
    odd = {"id": 7, "created": "soon", "tags": "a", "exit_code": 1.5, "clocked": 0, "x": 1}
    (info.path / HEAD).write_text(json.dumps(head | {"info": odd | {"gaps": [1, ["a"]]}}))
    found = open_run(info.path).info
    assert (found.created, found.tags, found.exit_code, found.clocked) == (None, (), None, True)


def test_names_from_a_server_lead_nowhere_else(tmp_path):
    names = ["../..", "a/b", "..", "CON\n\x1b[31m", "x" * 500, ""]
    places = {mirror_place(tmp_path, "far-away", "http://x", ["p", name]) for name in names}
    assert len(places) == len(names)
    assert {place.parent for place in places} == {tmp_path / "far-away" / "p"}
    here, there = (mirror_place(tmp_path, "r", host, ["p", "id"]) for host in ("a", "b"))
    assert here != there


@given(data=st.binary(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_a_head_are_read_without_an_exception(mirrored, data):
    info = mirrored({"_step": 0, "loss": 2.0})
    (info.path / HEAD).write_bytes(data)
    run = open_run(info.path)
    assert len(run.series()["loss"]) >= 1
    assert (run.config(), run.info.id != "") == ({}, True)


def test_a_reference_without_a_server_is_nobodys():
    assert remote_for("not a server at all") is None
    assert [one.order for one in known_remotes()] == sorted(one.order for one in known_remotes())


def test_what_is_missing_is_answered_with_the_command_that_brings_it():
    assert "pip install 'runwise-cli[wandb]'" in str(missing("wandb", "runs in the cloud"))
