"""Runs of W&B's cloud, fetched by the real client from a server on this machine."""

from __future__ import annotations

import math
import sys

import pytest

from runwise_parsers import open_run
from runwise_parsers.remote import RemoteError
from runwise_parsers.remotes.wandb_cloud import WandbCloud

pytestmark = pytest.mark.trackers

REF = "team/bert/3k9x1mzp"


@pytest.fixture
def fetched(cloud, tmp_path):
    """Fetch a run as ``runwise`` does: described, brought here, opened."""

    def fetch(ref=REF, tell=None):
        remote = WandbCloud()
        (info,) = remote.runs(ref, tmp_path / "keep")
        return open_run(remote.fetch(info, tmp_path / "keep", tell=tell))

    return fetch


def test_a_run_is_told_as_the_server_has_it(cloud, logged, fetched):
    run = logged(
        name="small lr", state="crashed", config={"lr": 0.1, "deep": {"list": [1, 2]}},
        tags=["a", "b"], group="g", notes="why", sweep="sw1", job_type="train", commit="c0ffee",
        files={"wandb-metadata.json": b'{"host":"h1","program":"train.py","args":["--lr","1"]}'},
        console=["epoch 1", "CUDA out of memory"],
        events=[{"_runtime": 15.0, "_timestamp": 1.79e9, "system.gpu.0.gpu": 93.0}],
    )  # fmt: skip
    run.summary = {"loss": 0.5, "best": 0.25, "_wandb": {"runtime": 3}}
    cloud.add(run)
    found = fetched()
    info = found.info
    assert (info.source, info.id, info.name, info.state) == (
        "wandb-cloud", "3k9x1mzp", "small lr", "crashed"
    )  # fmt: skip
    assert (info.project, info.group, info.sweep, info.tags) == (
        "team/bert",
        "g",
        "sw1",
        ("a", "b"),
    )
    assert (info.commit, info.command, info.host) == ("c0ffee", "train.py --lr 1", "h1")
    assert (info.notes, info.job_type, info.last_step) == ("why", "train", 299)
    assert found.config() == {"lr": 0.1, "deep": {"list": [1, 2]}}
    assert (found.summary()["best"], found.summary()["loss"]) == (0.25, 0.5)
    assert found.console() == ["epoch 1", "CUDA out of memory"]
    assert found.system()["gpu.0.gpu"].steps.tolist() == [15.0]
    assert found.gaps == ()


def test_the_history_is_every_row_that_was_logged(cloud, logged, fetched):
    run = cloud.add(logged(rows=4321))
    loss = fetched().series()["loss"]
    assert loss.steps.tolist() == [row["_step"] for row in run.rows]
    assert list(map(repr, loss.values)) == [repr(row["loss"]) for row in run.rows]
    assert loss.times.tolist() == [row["_timestamp"] for row in run.rows]


def test_a_run_with_rare_steps_does_not_take_a_request_for_each(cloud, logged, fetched):
    run = logged(rows=3000)
    for at, row in enumerate(run.rows):
        row["_step"] = at * 5000
    cloud.add(run)
    assert len(fetched().series()["loss"]) == 3000
    assert cloud.asked["HistoryPage"] <= 4


def test_a_second_call_of_a_finished_run_asks_for_no_row(cloud, logged, fetched):
    cloud.add(logged(rows=2500))
    fetched()
    cloud.forget()
    assert len(fetched().series()["loss"]) == 2500
    assert (cloud.rows_sent, set(cloud.asked)) == (0, {"Run"})


def test_of_a_run_that_still_logs_only_new_rows_are_transferred(cloud, logged, fetched):
    run = cloud.add(logged(rows=2500, state="running"))
    assert len(fetched().series()["loss"]) == 2500
    run.rows += logged(rows=40, first=2500).rows
    run.heartbeat = "2026-11-01T11:00:30Z"
    cloud.forget()
    loss = fetched().series()["loss"]
    assert (loss.steps.tolist(), cloud.rows_sent) == ([float(at) for at in range(2540)], 40)
    run.state = "finished"
    cloud.forget()
    assert (fetched().info.state, cloud.rows_sent) == ("finished", 0)


def test_a_run_that_begins_anew_under_its_old_name_is_fetched_anew(cloud, logged, fetched):
    cloud.add(logged(rows=50))
    fetched()
    cloud.add(logged(rows=9, created="2026-11-02T10:00:00Z"))
    assert len(fetched().series()["loss"]) == 9
    assert fetched().gaps == ()


def test_rows_in_the_servers_parquet_files_and_rows_not_yet_in_them_are_one_history(
    cloud, logged, fetched, tmp_path
):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    run = logged(rows=1500, state="running")
    run.rows[7]["loss"] = 1.0
    run.exported = 1000
    pq.write_table(pa.Table.from_pylist(run.rows[:1000]), tmp_path / "made.parquet")
    run.parquet = (tmp_path / "made.parquet").read_bytes()
    cloud.add(run)
    loss = fetched().series()["loss"]
    assert loss.steps.tolist() == [float(at) for at in range(1500)]
    assert loss.values.tolist() == [row["loss"] for row in run.rows]


def test_progress_is_told_in_rows(cloud, logged, fetched):
    cloud.add(logged(rows=5000))
    told = []
    fetched(tell=lambda done, there: told.append((done, there)))
    assert (told[0], told[-1]) == ((0, 5000), (5000, 5000))


def test_a_run_without_a_row_is_a_run(cloud, logged, fetched):
    cloud.add(logged(rows=0, state="failed"))
    run = fetched()
    assert (run.series(), run.info.state, run.info.last_step, run.gaps) == ({}, "failed", None, ())


def test_projects_are_listed_by_pages_the_newest_first(cloud, logged, tmp_path):
    for number in range(130):
        day, hour = divmod(number, 24)
        created = f"2026-10-{day + 1:02d}T{hour:02d}:00:00Z"
        cloud.add(logged(f"run{number:03d}", 3, created=created, state="running"))
    remote = WandbCloud()
    every = remote.runs("team/bert", tmp_path)
    assert [info.id for info in every] == [f"run{number:03d}" for number in range(129, -1, -1)]
    assert cloud.asked["Runs"] == 3
    cloud.forget()
    few = remote.runs("team/bert", tmp_path, limit=5)
    assert ([info.id for info in few], cloud.asked["Runs"]) == ([i.id for i in every[:5]], 1)
    assert cloud.asked["HistoryPage"] == 0


def test_what_is_listed_shows_its_end_and_says_what_is_missing(cloud, logged, tmp_path):
    cloud.add(logged(rows=30, config={"lr": 0.1}))
    (info,) = WandbCloud().runs("team/bert", tmp_path)
    run = open_run(info)
    assert (run.series()["loss"].steps.tolist(), run.config()) == ([29.0], {"lr": 0.1})
    assert "a list does not fetch it" in str(run.gaps[0])
    whole = open_run(WandbCloud().fetch(info, tmp_path))
    assert (len(whole.series()["loss"]), whole.gaps) == (30, ())
    (again,) = WandbCloud().runs("team/bert", tmp_path)
    assert (len(open_run(again).series()["loss"]), again.gaps) == (30, ())


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"state": "running"}, ["b"]),
        ({"tags": ["x", "y"]}, ["c", "b"]),
        ({"tags": "y", "name": "^sm"}, ["c"]),
        ({"group": "g"}, ["a"]),
        ({"mongo": {"display_name": "other"}}, ["a"]),
    ],
)
def test_filters_reach_the_server(cloud, logged, tmp_path, filters, ids):
    cloud.add(logged("a", 2, created="2026-11-01T01:00:00Z", name="other", group="g"))
    cloud.add(logged("b", 2, created="2026-11-01T02:00:00Z", state="running", tags=["x"]))
    cloud.add(logged("c", 2, created="2026-11-01T03:00:00Z", name="small", tags=["y"]))
    found = WandbCloud().runs("team/bert", tmp_path, filters=filters)
    assert [info.id for info in found] == ids


def test_a_filter_nobody_knows_is_an_error_that_lists_them(cloud, tmp_path):
    with pytest.raises(RemoteError, match="no filter color") as caught:
        WandbCloud().runs("team/bert", tmp_path, filters={"color": "red"})
    assert "state, name, group" in caught.value.remedy


STATES = {
    "running": "running", "finished": "finished", "failed": "failed", "crashed": "crashed",
    "killed": "killed", "preempting": "running", "preempted": "killed", "pending": "unknown",
    "what next": "unknown",
}  # fmt: skip


@pytest.mark.parametrize(("theirs", "ours"), STATES.items())
def test_states_are_said_in_our_words(cloud, logged, tmp_path, theirs, ours):
    cloud.add(logged(rows=1, state=theirs))
    assert WandbCloud().runs(REF, tmp_path)[0].state == ours


def test_nothing_is_printed_and_nothing_left_where_we_are(cloud, logged, fetched, capfd, here):
    cloud.add(logged(rows=20))
    fetched()
    assert (capfd.readouterr(), list(here.iterdir())) == (("", ""), [])


def test_the_client_is_as_it_was_afterwards(cloud, logged, fetched):
    import wandb

    settings = wandb.setup().settings
    before = (settings.silent, settings.x_graphql_retry_max, settings.x_graphql_timeout_seconds)
    cloud.add(logged(rows=3))
    fetched()
    after = (settings.silent, settings.x_graphql_retry_max, settings.x_graphql_timeout_seconds)
    assert after == before


@pytest.mark.parametrize("ref", ["team/bert/nosuch", "team/none/x1", "team/none"])
def test_what_is_not_there_is_named(cloud, logged, tmp_path, ref):
    cloud.add(logged(rows=1))
    with pytest.raises(LookupError, match=r"there is no (run nosuch|run x1|project team/none)"):
        WandbCloud().runs(ref, tmp_path)


def test_nan_and_infinity_survive_the_way(cloud, logged, fetched):
    run = logged(rows=4)
    for row, value in zip(run.rows, (math.nan, math.inf, -math.inf, 1e-300), strict=True):
        row["loss"] = value
    cloud.add(run)
    assert list(map(repr, fetched().series()["loss"].values)) == ["nan", "inf", "-inf", "1e-300"]


def test_the_client_is_not_imported_before_a_server_is_asked():
    import subprocess

    code = (
        "import sys; from runwise_parsers.remote_shelf import known_remotes, remote_for;"
        "assert remote_for('team/bert/3k9x').name == 'wandb-cloud';"
        "sys.exit('wandb' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_rows_the_client_kept_of_a_run_that_is_gone_do_not_come_back(
    cloud, logged, fetched, tmp_path
):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    for scale, born in ((1.0, "2026-11-01T10:00:00Z"), (5.0, "2026-11-03T10:00:00Z")):
        run = logged("again1", rows=600, created=born)
        for row in run.rows:
            row["loss"] = scale
        run.exported = 600
        pq.write_table(pa.Table.from_pylist(run.rows), tmp_path / "made.parquet")
        run.parquet = (tmp_path / "made.parquet").read_bytes()
        cloud.add(run)
        loss = fetched("team/bert/again1").series()["loss"]
        assert (len(loss), set(loss.values)) == (600, {scale})


def test_rows_the_server_counts_and_does_not_give_are_a_gap(cloud, logged, fetched, monkeypatch):
    run = cloud.add(logged(rows=50))
    node = run.node
    run.node = lambda: {**node(), "historyLineCount": 60}
    for _ in range(2):
        found = fetched()
        assert len(found.series()["loss"]) == 50
        assert "10 of 60 rows: W&B counts them" in str(found.gaps[0])


def test_of_a_run_without_a_history_all_is_fetched_that_it_printed(cloud, logged, fetched):
    lines = [f"iter {at}: loss {2 / (1 + at):.4f}, time 9.87ms" for at in range(2500)]
    cloud.add(logged(rows=0, state="killed", console=lines))
    run = fetched()
    assert run.console(3) == lines[-3:]
    (path,) = run.printed()
    assert path.read_text().splitlines() == lines


def test_of_a_run_with_a_history_the_newest_lines_are_fetched(cloud, logged, fetched):
    cloud.add(logged(rows=5, console=[f"line {at}" for at in range(2500)]))
    run = fetched()
    assert (run.console(1), len(run.console(5000)), run.printed()) == (["line 2499"], 1000, ())
