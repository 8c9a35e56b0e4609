"""Logs of several ranks, read as one run."""

from __future__ import annotations

import json
import random
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.json_log.piece import Place
from runwise_parsers.json_log.steps import Position
from runwise_parsers.rank_log.cursor import packed, unpacked
from runwise_parsers.rank_log.names import LOOKS_FOR, grouped
from runwise_parsers.run import gather
from runwise_parsers.sources.jsonl import Jsonl
from runwise_parsers.sources.ranks import Ranks
from runwise_parsers.testing import REWRITTEN_CHECKS
from runwise_parsers.truth import joined, points_of

SOURCES = [Ranks(), Jsonl()]
START = [Place(Position(), 0, 0)] * 2


def rows_of(rank: int, steps, **more) -> str:
    rows = ({"step": step, "loss": rank + step / 1000, **more} for step in steps)
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def ranks(tmp_path):
    """Write a log for each rank, called as ``name`` says, and return their folder."""

    def write(texts, name: str = "rank{}.jsonl"):
        for rank, text in texts.items():
            path = tmp_path / "exp" / name.format(rank)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "exp"

    return write


def write_ranks(folder, rows):
    """The lowest rank logs the rows, and another one only that it was there."""
    for rank in (0, 1):
        own = [row if rank == 0 else {"note": "x" * 900} for _, row in rows]
        lines = ({"step": step, **row} for (step, _), row in zip(rows, own, strict=True))
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"metrics_rank{rank}.jsonl").write_text(text)
    return folder


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_the_ranks_source_holds_the_contract(check, tmp_path):
    check(Ranks(), write_ranks, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["rank{}.jsonl", "metrics_rank_{}.jsonl", "log.rank{}.jsonl", "gpu{}.jsonl",
     "Worker-0{}.ndjson", "train_device={}_of_8.jsonl", "proc{}-metrics.jsonlines",
     "rank_{}/metrics.jsonl"],
)  # fmt: skip
def test_files_that_differ_in_a_rank_are_one_run(ranks, name):
    folder = ranks({rank: rows_of(rank, range(5)) for rank in range(4)}, name)
    (info,) = find_runs(folder.parent, sources=SOURCES)
    assert (info.source, info.last_step) == ("ranks", 4)
    assert info.parts == ("rank0", "rank1", "rank2", "rank3")
    assert info.id.startswith("exp")
    assert info.path == folder / name.format(0)
    run = open_run(folder, sources=SOURCES)
    assert set(run.metrics()) == {"loss", "rank1/loss", "rank2/loss", "rank3/loss"}
    third = run.series(["rank3/loss"])["rank3/loss"]
    assert third.values.tolist() == [3, 3.001, 3.002, 3.003, 3.004]
    assert run.summary()["rank2/loss"] == 2.004
    assert run.gaps == ()


@pytest.mark.parametrize(
    "name",
    ["train-0000{}.jsonl", "part{}.jsonl", "fold_{}.jsonl", "seed{}.jsonl", "benchproc{}.jsonl",
     "gpu{}/metrics.jsonl", "run{}/metrics.jsonl", "crank{}.jsonl"],
)  # fmt: skip
def test_a_number_of_something_else_is_no_rank(ranks, name):
    folder = ranks({rank: rows_of(rank, range(5)) for rank in range(4)}, name)
    found = list(find_runs(folder, sources=SOURCES))
    assert [info.source for info in found] == ["jsonl"] * 4


def test_one_rank_alone_is_an_ordinary_log(ranks):
    folder = ranks({3: rows_of(3, range(5))})
    (info,) = find_runs(folder, sources=SOURCES)
    assert (info.source, info.parts) == ("jsonl", ())
    ranks({4: rows_of(4, range(5))})
    assert open_run(folder / "rank3.jsonl", sources=SOURCES).info.source == "jsonl"


def test_data_sets_in_pieces_are_no_run(ranks):
    text = "".join(json.dumps({"text": "a cat", "label": n}) + "\n" for n in range(20))
    folder = ranks(dict.fromkeys(range(4), text))
    assert list(find_runs(folder, sources=SOURCES)) == []


def test_two_groups_in_a_folder_are_two_runs(ranks):
    texts = {rank: rows_of(rank, range(5)) for rank in range(2)}
    for name in ("rank{}.jsonl", "rank{}.ndjson", "eval_rank{}.jsonl", "gpu{}_metrics.jsonl"):
        folder = ranks(texts, name)
    found = list(find_runs(folder, sources=SOURCES))
    assert [(info.source, len(info.parts)) for info in found] == [("ranks", 2)] * 4
    assert len({info.id for info in found}) == 4


def test_folders_of_ranks_with_several_logs_are_left_as_they_are(ranks):
    texts = {rank: rows_of(rank, range(5)) for rank in range(3)}
    ranks(texts, "rank_{}/train.jsonl")
    folder = ranks({0: '{"text": "a cat"}\n', 1: "no log"}, "rank_{}/samples.jsonl")
    assert [len(info.parts) for info in find_runs(folder, sources=SOURCES)] == [3]
    ranks({2: texts[2]}, "rank_{}/eval.jsonl")
    assert [len(info.parts) for info in find_runs(folder, sources=SOURCES)] == [3]
    ranks({1: texts[1]}, "rank_{}/eval.jsonl")
    assert [info.source for info in find_runs(folder, sources=SOURCES)] == ["jsonl"] * 5


def test_missing_ranks_are_a_gap(ranks):
    folder = ranks({rank: rows_of(rank, range(5)) for rank in (0, 1, 2, 3, 4, 6, 7)})
    run = open_run(folder, sources=SOURCES)
    assert [str(gap) for gap in run.gaps] == [
        "rank 5: it left no log here. Copy it from the machine it ran on."
    ]
    assert run.info.parts[5] == "rank6"


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ((1, 2, 3), None),
        ((4, 5), "4 ranks (0, 1, 2, 3)"),
        ((0, 900_000), "899999 ranks (1, 2, 3, 4, 5, 6, 7, 8, ...)"),
    ],
)
def test_ranks_count_from_0_or_1(ranks, there, missing):
    folder = ranks({rank: rows_of(rank, range(3)) for rank in there})
    run = open_run(folder, sources=SOURCES)
    assert [gap.missing for gap in run.gaps] == ([missing] if missing else [])
    assert run.series(["loss"])["loss"].values[0] == there[0]


def test_batches_hold_all_ranks_in_the_order_of_steps(ranks):
    texts = {rank: rows_of(rank, range(0, 4000, rank + 1), pad="x" * 300) for rank in range(5)}
    run = open_run(ranks(texts), sources=SOURCES)
    reached = -1.0
    for batch in run.batches():
        steps = [step for one in batch.columns.values() for step in one.steps]
        assert min(steps) > reached
        assert batch.segment == 0
        reached = max(steps)
    assert joined(run.batches()) == points_of(run.series())
    assert len(run.series(["rank4/loss"])["rank4/loss"]) == 800


def test_ranks_of_different_lengths_are_read_to_their_ends(ranks):
    run = open_run(
        ranks({0: rows_of(0, range(9)), 1: rows_of(1, range(3)), 2: ""}), sources=SOURCES
    )
    assert {name: len(one) for name, one in run.series().items()} == {"loss": 9, "rank1/loss": 3}
    assert joined(run.batches()) == points_of(run.series())
    assert run.window(None, 2, 4)["rank1/loss"].steps.tolist() == [2]
    assert run.tail(2)["loss"].steps.tolist() == [7, 8]
    assert set(run.overview(5)) == {"loss", "rank1/loss"}


def test_ranks_restart_together(ranks):
    texts = {rank: rows_of(rank, [*range(50), *range(20, 90)]) for rank in range(3)}
    texts[1] = rows_of(1, [*range(40), *range(20, 70)])
    run = open_run(ranks(texts), sources=SOURCES)
    assert [batch.segment for batch in run.batches()] == sorted(
        batch.segment for batch in run.batches()
    )
    parts = [gather(b.columns for b in run.batches() if b.segment == one) for one in (0, 1)]
    assert [parts[0][name].steps[-1] for name in ("loss", "rank1/loss")] == [49, 39]
    assert [parts[1][name].steps[0] for name in ("loss", "rank1/loss")] == [20, 20]


@given(
    steps=st.lists(st.lists(st.integers(0, 30), max_size=25), min_size=2, max_size=4),
    names=st.sampled_from([None, ["loss"], ["rank1/loss", "loss"], ["nobody"]]),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_from_every_cursor_the_rest_follows(ranks, steps, names):
    texts = {rank: rows_of(rank, [0, *some]) for rank, some in enumerate(steps)}
    run = open_run(ranks(dict.fromkeys(range(4), "") | texts), sources=SOURCES)
    batches = list(run.batches(names))
    assert joined(batches) == points_of(run.series(names))
    for number, batch in enumerate(batches, start=1):
        rest = list(run.since(batch.cursor, names))
        assert [one.segment for one in rest] == [one.segment for one in batches[number:]]
        assert joined(rest) == joined(batches[number:])
        assert not any(one.restart for one in rest)


def test_ranks_that_grow_by_pieces_give_their_rows_once(ranks):
    rng = random.Random(0)
    texts = {rank: rows_of(rank, range(200), pad="x" * 50) for rank in range(4)}
    shown = dict.fromkeys(texts, 200)
    seen, cursor = [], None
    while any(shown[rank] < len(text) for rank, text in texts.items()):
        folder = ranks({rank: text[: shown[rank]] for rank, text in texts.items()})
        for batch in open_run(folder, sources=SOURCES).since(cursor):
            assert not batch.restart
            seen.append(batch)
            cursor = batch.cursor
        shown = {rank: size + rng.randrange(4000) for rank, size in shown.items()}
    folder = ranks(texts)
    seen += open_run(folder, sources=SOURCES).since(cursor)
    assert joined(seen) == points_of(open_run(folder, sources=SOURCES).series())


@pytest.mark.parametrize("count", [64, 80])
def test_cursors_of_many_ranks_are_small(ranks, count):
    texts = {rank: rows_of(rank, range(1, 8)) for rank in range(count)}
    folder = ranks(texts)
    run = open_run(folder, sources=SOURCES)
    batches = list(run.batches())
    assert all(len(batch.cursor) < 2048 for batch in batches)
    assert list(run.since(batches[-1].cursor)) == []
    ranks({0: texts[0] + rows_of(0, [8, 9])})
    later = list(open_run(folder, sources=SOURCES).since(batches[-1].cursor))
    assert [batch.restart for batch in later][:2] == [count > 64, False][: len(later)]
    assert later[-1].columns["loss"].steps.tolist()[-2:] == [8, 9]


def test_the_largest_cursor_is_under_2_kb():
    far = Place(Position(2**40, 123.456, 100, 4_000), 2**40, 2**40 + 2**20)
    assert len(packed([far] * 64)) < 1_900
    places = [far, Place(Position(5, None, 0, 0), 0, 0), Place(Position(0, -1.5, 0, 7), 3, 99)]
    back = unpacked(packed(places), 3)
    assert [(one.offset, one.seen, one.position.step) for one in back] == [
        (2**40, 2**40 + 2**20, 123.456),
        (0, 0, None),
        (3, 99, -1.5),
    ]
    assert back[1].position.rows == 5


@pytest.mark.parametrize("text", ["", "00", packed([]) + "~~~~~", "\x7f", packed(START)])
def test_a_cursor_that_is_none_is_an_error(text):
    with pytest.raises(ValueError, match=r"cursor|base85"):
        unpacked(text, 1)


def test_a_rank_that_was_replaced_or_joined_makes_all_be_read_again(ranks):
    texts = {rank: rows_of(rank, range(5)) for rank in range(2)}
    folder = ranks(texts)
    cursor = list(open_run(folder, sources=SOURCES).batches())[-1].cursor
    for other in ({1: rows_of(7, range(5))}, {2: rows_of(2, range(5))}):
        folder = ranks(texts | other)
        batches = list(open_run(folder, sources=SOURCES).since(cursor))
        assert batches[0].restart
        assert joined(batches) == points_of(open_run(folder, sources=SOURCES).series())


def test_a_run_goes_on_as_long_as_one_rank_does(ranks):
    now = time.time()
    old, new = (
        "".join(json.dumps({"step": n, "loss": 1, "time": when + n}) + "\n" for n in range(3))
        for when in (now - 5000, now - 3)
    )
    folder = ranks({0: old, 1: new})
    info = open_run(folder, sources=SOURCES).info
    assert (info.state, info.updated) == ("running", now - 1)
    assert info.created == now - 5000


def test_what_cannot_be_read_of_one_rank_hides_no_other(ranks):
    folder = ranks(
        {0: rows_of(0, range(5)), 1: "oops\n" + rows_of(1, range(5)), 2: rows_of(2, [1])}
    )
    (folder / "rank3.jsonl").symlink_to(folder / "gone")
    (folder / "rank4.jsonl").write_text("version https://git-lfs.github.com/spec/v1\noid 0\n")
    run = open_run(folder, sources=SOURCES)
    assert len(run.series()) == 3
    assert {gap.missing for gap in run.gaps} == {
        "1 line of rank1.jsonl",
        "rank3.jsonl",
        "rank4.jsonl",
    }
    assert list(run.since(list(run.batches())[-1].cursor)) == []


def test_what_was_learned_can_be_taken_up_again(ranks):
    folder = ranks({0: rows_of(0, range(5)), 1: "oops\n" + rows_of(1, range(5))})
    run = open_run(folder, sources=SOURCES)
    cursor = list(run.batches())[-1].cursor
    told = json.loads(json.dumps(run.told()))
    ranks({0: rows_of(0, range(8))})
    again = open_run(folder, sources=SOURCES)
    again.recall(told)
    assert [list(batch.columns["loss"].steps) for batch in again.since(cursor)] == [[5, 6, 7]]
    assert [gap.missing for gap in again.gaps] == ["1 line of rank1.jsonl"]


def test_names_are_grouped_by_what_they_share():
    names = ["gpu0_rank0.jsonl", "gpu1_rank1.jsonl", "rank10.jsonl", "rank9.jsonl", "rank.jsonl"]
    assert [found.names for found in grouped(names)] == [{9: "rank9.jsonl", 10: "rank10.jsonl"}]
    assert all(re.fullmatch(LOOKS_FOR, name) for name in names[:-1])
    assert not re.fullmatch(LOOKS_FOR, "rank.jsonl")


@given(data=st.lists(st.binary(max_size=80), min_size=2, max_size=3))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_without_an_exception(ranks, data):
    folder = ranks({0: rows_of(0, range(2)), **dict.fromkeys(range(1, 4), "")})
    for rank, some in enumerate(data):
        path = folder / f"rank{rank}.jsonl"
        path.write_bytes(path.read_bytes() + some)
    run = open_run(folder, sources=SOURCES)
    run.overview(3), run.tail(2), run.summary(), run.window(None, 0, 3), run.metrics()
    assert joined(run.batches()) == points_of(run.series())
