"""Filters: which runs terms mean, the same on every command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise import reports
from runwise.errors import BadFilter, NoSuchRun
from runwise.filters.choosing import admitted, sorted_by
from runwise.filters.grammar import FIELDS, Term, looks_like_term, terms_of
from runwise.filters.matching import NOTHING, Facts, holds

NOW = 1_800_000_000.0
DAY = 86_400.0


@pytest.fixture
def meant(demo_runs):
    """Return the ids of the demo's runs that terms mean."""

    def get(*texts):
        return {run.id for run in admitted(demo_runs, terms_of(texts), NOW)}

    return get


EVERY = {"killed01", "nan00001", "spike001", "overfit1", "healthy1"}


def test_words_are_compared_whole_and_without_regard_to_case(meant):
    assert meant("state:crashed") == {"killed01"}
    assert meant("STATE:crashed".lower(), "tag:DEMO") == {"killed01"}
    assert meant("state:crash") == set()


def test_a_part_of_a_word_is_asked_for_with_a_tilde(meant):
    assert meant("name~FIT") == {"overfit1"}
    assert meant("state~finish") == EVERY - {"killed01"}


def test_a_bang_turns_a_term_round(meant):
    assert meant("!state:crashed") == EVERY - {"killed01"}
    assert meant("!tag:demo") == set()
    assert meant("!group:anything") == EVERY


def test_all_terms_must_hold(meant):
    assert meant("state:finished step>900 name~nan") == {"nan00001"}
    assert meant("state:finished", "state:crashed") == set()


def test_metrics_are_compared_by_their_newest_value_however_they_are_spelt(meant):
    assert meant("train/loss<0.17") == {"killed01"}
    assert meant("train_loss<0.17") == {"killed01"}
    assert meant("val_acc>=0") == EVERY


def test_a_percentage_means_a_share_or_what_counts_in_percent():
    term = terms_of(["acc>80%"])[0]
    assert holds(term, None, Facts({}, {"acc": 0.81}), NOW)
    assert not holds(term, None, Facts({}, {"acc": 0.79}), NOW)
    assert holds(term, None, Facts({}, {"acc": 81.0}), NOW)
    assert not holds(term, None, Facts({}, {"acc": 79.0}), NOW)


def test_settings_are_compared_as_numbers_or_as_words(meant):
    assert meant("config.lr>0.1") == {"overfit1"}
    assert meant("config.lr=0.1") == EVERY - {"overfit1"}


def test_times_are_spans_or_dates(info):
    run = info(created=NOW - 10 * DAY, updated=NOW - 9 * DAY)
    for text in (
        "created>9d",
        "created<11d",
        "updated>=9d",
        "age>7d",
        "age<=9d",
        "runtime>23h",
        "runtime<1d1h",
        "runtime>90min",
    ):
        assert holds(terms_of([text])[0], run, NOTHING, NOW), text
    assert holds(terms_of(["since:2020-01-01"])[0], run, NOTHING, NOW)
    assert not holds(terms_of(["until:2020-01-01"])[0], run, NOTHING, NOW)
    assert holds(terms_of(["created:2027"])[0], run, NOTHING, NOW)


def test_what_a_run_never_said_is_neither_more_nor_less(info):
    run = info(updated=None)
    assert not holds(terms_of(["age>1s"])[0], run, NOTHING, NOW)
    assert not holds(terms_of(["!age>1s"])[0], run, NOTHING, NOW)


def test_nan_is_neither_above_nor_below(meant):
    assert "nan00001" not in meant("train/loss<1e9") | meant("train/loss>=-1e9")


@pytest.mark.parametrize(
    "word",
    [
        "bogus>3", "stat:running", "runtime>soon", "since:yesterday", "step<many", "plain",
        "config.nope=3", "name~", "'open", ">3", "!:x",
    ],
)  # fmt: skip
def test_a_wrong_term_is_answered_with_the_grammar_in_three_lines(ask, demo, word):
    result = ask("-C", demo, "find", "loss", word)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 4
    assert "As in: state:running" in result.stderr


def test_a_misspelt_metric_is_answered_with_the_nearest(demo_runs):
    with pytest.raises(BadFilter, match="did you mean train/loss"):
        admitted(demo_runs, terms_of(["trian/loss<1"]), NOW)


def test_paths_and_addresses_are_no_terms(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run=3").mkdir()
    for word in ("runs/a", "run=3", "http://127.0.0.1:5000", "C:\\runs", "entity/project/id"):
        assert not looks_like_term(word), word
    for word in ("state:running", "lr<3", "stat:x", "!tag:a"):
        assert looks_like_term(word), word


def test_a_list_says_what_was_asked_and_how_many_there_are(ask, demo):
    first = ask("-C", demo, "list", "state:finished", "name~nan").stdout.splitlines()[0]
    assert first == "1 of 5 runs state:finished name~nan: 1 finished"
    assert ask("-C", demo, "list", "state:running").stdout == "0 of 5 runs state:running\n"


def test_a_list_is_sorted_by_a_metric_the_best_first_and_what_lacks_it_last(demo_runs):
    ids = [run.id for run in sorted_by(demo_runs, "train/loss", demo_runs.runs, NOW)]
    assert ids[0] == "killed01"
    assert ids[-1] == "nan00001"
    turned = [run.id for run in sorted_by(demo_runs, "-train/loss", demo_runs.runs, NOW)]
    assert turned == [*reversed(ids[:-1]), "nan00001"]


def test_a_list_is_sorted_by_words_and_numbers(demo_runs):
    names = [run.name for run in sorted_by(demo_runs, "name", demo_runs.runs, NOW)]
    assert names == sorted(names)
    assert sorted_by(demo_runs, "-step", demo_runs.runs, NOW)[0].id == "killed01"


def test_a_list_cannot_be_sorted_by_what_nothing_has(ask, demo):
    result = ask("-C", demo, "list", "--sort", "trian/loss")
    assert result.exit_code == 2
    assert "did you mean train/loss" in result.stderr


def test_runs_are_found_by_any_text_they_hold(demo_runs):
    rows = reports.find(demo_runs, "OVERFIT").blocks[0].rows
    assert [row[0] for row in rows] == ["overfit1"]
    found = reports.find(demo_runs, "lr=0.12").blocks[0].rows[0]
    assert (found[0], found[3]) == ("overfit1", "config: lr=0.12")
    assert len(reports.find(demo_runs, "logistic", limit=2).blocks[0].rows) == 2


def test_nothing_found_is_an_error(demo_runs):
    with pytest.raises(NoSuchRun, match="zzz"):
        reports.find(demo_runs, "zzz")


@given(st.text(max_size=60))
def test_any_text_is_terms_or_a_stated_error(text):
    try:
        terms = terms_of([text])
    except BadFilter:
        return
    assert all(isinstance(term, Term) for term in terms)


@given(st.sampled_from(FIELDS), st.sampled_from([":", "~", "<", ">="]), st.text(max_size=12))
def test_any_term_can_be_asked_of_a_run_that_says_nothing(field, sign, text):
    from runwise_parsers import RunInfo

    try:
        terms = terms_of([f"{field}{sign}{text}"])
    except BadFilter:
        return
    for term in terms:
        assert holds(term, RunInfo("jsonl", "a"), NOTHING, NOW) in (True, False)


def test_find_takes_a_filter_in_place_of_a_text(demo, ask):
    result = ask("-C", demo, "find", "state:crashed")
    assert result.exit_code == 0
    assert "killed" in result.output
