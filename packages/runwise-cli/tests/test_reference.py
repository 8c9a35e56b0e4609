"""A run answers to its id, its name, the beginning of either, a part of its name, or a path."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise.errors import NoSuchRun
from runwise.reference import Point, find, short_ids, split
from runwise.workspace import Workspace


@pytest.mark.parametrize(
    ("ref", "name", "point"),
    [
        ("run", "run", None),
        ("run@5000", "run", Point(step=5000.0)),
        ("run@1e3", "run", Point(step=1000.0)),
        ("run@50%", "run", Point(share=0.5)),
        ("run@12.5%", "run", Point(share=0.125)),
        ("run@250%", "run@250%", None),
        ("me@home", "me@home", None),
        ("me@home@7", "me@home", Point(step=7.0)),
        ("@7", "@7", None),
        ("run@", "run@", None),
        ("run@-3", "run@-3", None),
        (r"C:\runs\a@50%", r"C:\runs\a", Point(share=0.5)),
    ],
)
def test_a_reference_is_split_at_the_last_at_that_is_followed_by_a_point(ref, name, point):
    assert split(ref) == (name, point)


@given(st.text())
def test_splitting_never_fails_and_loses_nothing(ref):
    name, point = split(ref)
    assert ref.startswith(name)
    assert (point is None) == (name == ref)


def test_a_share_means_a_step_between_first_and_last():
    assert Point(share=0.25).on(100, 500) == 200
    assert Point(step=7).on(100, 500) == 7


def test_latest_counts_back_from_the_newest(info):
    runs = [info("newest"), info("middle"), info("oldest")]
    assert find("latest", runs)[0].id == "newest"
    assert find("latest~0", runs)[0].id == "newest"
    assert find("latest~2", runs)[0].id == "oldest"
    with pytest.raises(NoSuchRun, match="no latest~3: here are 3 runs"):
        find("latest~3", runs)
    with pytest.raises(NoSuchRun, match="here are 3 runs"):
        find(f"latest~{'9' * 5000}", runs)


def test_an_exact_id_wins_over_a_name_and_a_beginning(info):
    runs = [info("abcdef"), info("abc"), info("xyz", name="abc")]
    assert find("abc", runs)[0].id == "abc"


def test_an_exact_name_wins_over_the_beginning_of_an_id(info):
    runs = [info("bert1234"), info("xyz", name="bert")]
    assert find("bert", runs)[0].id == "xyz"


def test_the_beginning_of_an_id_wins_over_that_of_a_name(info):
    runs = [info("other", name="resnet-a"), info("resn1234", name="z")]
    assert find("resn", runs)[0].id == "resn1234"


def test_three_characters_are_the_shortest_beginning(info):
    runs = [info("abcdef")]
    assert find("abc", runs)[0].id == "abcdef"
    with pytest.raises(NoSuchRun, match="no run is called 'ab'"):
        find("ab", runs)


def test_a_part_of_a_name_is_taken_in_either_case_and_said(info):
    run, remark = find("LARGE", [info("q1", name="bert-large"), info("q2", name="gpt")])
    assert run.id == "q1"
    assert remark == "'LARGE' was taken for bert-large"


def test_an_exact_answer_needs_no_remark(info):
    assert find("q1", [info("q1", name="bert-large")])[1] == ""


def test_more_than_one_answer_in_a_rank_is_an_error_that_lists_them(info):
    runs = [info("abc1", name="one"), info("abc2", name="two"), info("xyz")]
    with pytest.raises(NoSuchRun) as caught:
        find("abc", runs)
    assert caught.value.problem == "'abc' could be abc1 (one), abc2 (two)"
    assert "id or path" in caught.value.remedy


def test_many_candidates_are_counted(info):
    with pytest.raises(NoSuchRun, match="and 7 more"):
        find("run", [info(f"run{number:02}") for number in range(10)])


def test_runs_with_one_id_are_told_apart_by_their_paths(info):
    runs = [info("same", path="here/same"), info("same", path="there/same")]
    with pytest.raises(NoSuchRun, match=r"here.same, there.same"):
        find("same", runs)


def test_a_misspelt_name_is_answered_with_the_nearest(info):
    with pytest.raises(NoSuchRun) as caught:
        find("bret-large", [info("q1", name="bert-large"), info("q2", name="gpt-xl")])
    assert caught.value.remedy == "Near: q1 (bert-large). Try: runwise list"


def test_a_name_like_no_other_is_answered_with_the_newest(info):
    with pytest.raises(NoSuchRun) as caught:
        find("zzzzzz", [info("q1"), info("q2"), info("q3"), info("q4")])
    assert caught.value.remedy == "Newest: q1, q2, q3. Try: runwise list"


def test_an_empty_reference_is_nobody(info):
    with pytest.raises(NoSuchRun, match="no run is called ''"):
        find("", [info("q1"), info("q2", name="")])


def test_ids_made_of_paths_may_be_typed_with_backslashes(info):
    assert find(r"exps\a\log", [info("exps/a/log"), info("exps/b/log")])[0].id == "exps/a/log"


def test_an_id_that_is_a_path_answers_to_its_last_parts(info):
    runs = [info("exp/lightning_logs/version_0"), info("exp/lightning_logs/version_1")]
    assert find("version_1", runs)[0].id.endswith("version_1")
    assert find("lightning_logs/version_0", runs)[0].id.endswith("version_0")
    assert find(r"lightning_logs\version_0", runs)[0].id.endswith("version_0")
    with pytest.raises(NoSuchRun, match="no run is called"):
        find("sion_1", runs)
    runs.append(info("other/version_1"))
    with pytest.raises(NoSuchRun, match="could be"):
        find("version_1", runs)


def test_a_deleted_run_answers_where_no_other_does_and_it_is_said(info):
    gone = [info("abc1", name="old", deleted=True)]
    run, remark = find("abc1", [info("xyz")], gone)
    assert (run.id, remark) == ("abc1", "abc1 (old) is deleted, and not listed")
    assert find("abc", [info("abc2")], gone) == (info("abc2"), "")
    with pytest.raises(NoSuchRun, match="no latest~1"):
        find("latest~1", [info("xyz")], gone)


def test_short_ids_are_as_short_as_they_can_be_and_four_at_least(info):
    runs = [info("abcdef12"), info("abcxyz12"), info("q"), info("zzzzzzzz")]
    assert short_ids(runs) == {
        "abcdef12": "abcd",
        "abcxyz12": "abcx",
        "q": "q",
        "zzzzzzzz": "zzzz",
    }


def test_ids_made_of_paths_are_not_shortened(info):
    assert short_ids([info("experiments/a"), info("experiments/b")]) == {
        "experiments/a": "experiments/a",
        "experiments/b": "experiments/b",
    }


def test_a_short_id_is_never_another_runs_name(info):
    runs = [info("bert1234"), info("xyz98765", name="bert")]
    assert short_ids(runs)["bert1234"] == "bert1234"


@given(st.lists(st.text("abc/1", min_size=1, max_size=8), min_size=1, unique=True))
def test_every_short_id_leads_back_to_its_run(ids):
    runs = [_run(one) for one in ids]
    for run_id, short in short_ids(runs).items():
        if len(short) >= 3:
            assert find(short, runs)[0].id == run_id


def _run(run_id):
    from pathlib import Path

    from runwise_parsers import RunInfo

    return RunInfo("jsonl", run_id, segments=(Path(run_id),))


def test_a_name_that_looks_like_a_point_is_found_whole(write_run, training):
    write_run("lr@0.1", training(3))
    write_run("lr", training(3))
    run, point, _ = Workspace().resolve("lr@0.1")
    assert (run.id, point) == ("lr@0.1", None)
    run, point, _ = Workspace().resolve("lr@2")
    assert (run.id, point) == ("lr", Point(step=2.0))
