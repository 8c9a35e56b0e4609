"""What every source must hold: a suite for those who write one.

    import pytest
    from runwise_parsers.testing import SOURCE_CHECKS

    @pytest.mark.parametrize("check", SOURCE_CHECKS)
    def test_my_source(check, tmp_path):
        check(MySource(), write, tmp_path)

``write(folder, rows)`` writes rows ``(step, {name: value})`` as a run that goes on: it has no
end yet, and with more rows its bytes are the same and more. It returns the path of its log. A
check raises ``AssertionError`` that says what it found. Formats with checksums add
``CHECKSUM_CHECKS``.

Formats whose files are written anew, or that are several files or a data base, use
``REWRITTEN_CHECKS`` instead: there ``write`` called again for the same folder, with more rows,
is the run gone on, and with other rows another run in its place. The path it returns is what
``open_run`` takes. Needs nothing beyond this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.find import find_runs, open_run
from runwise_parsers.run import gather
from runwise_parsers.source import Source
from runwise_parsers.truth import (
    COUNT,
    CUTS,
    Rows,
    assert_same,
    assert_true,
    flips,
    joined,
    points_of,
    sample,
    state_of,
    truth_of,
)

if TYPE_CHECKING:
    from runwise_parsers.run import Run
    from runwise_parsers.series import Series

Write = Callable[[Path, Rows], Path]
SourceCheck = Callable[[Source, Write, Path], None]


def is_found_and_opened(source: Source, write: Write, folder: Path) -> None:
    """A run is found once below its folder, and opened by its info and by its path."""
    path = write(folder, sample())
    found = list(find_runs(folder, sources=[source]))
    assert [info.source for info in found] == [source.name], f"found {found}"
    assert found[0].id, "the run has no id"
    assert found[0].gaps == (), f"a whole log has gaps: {found[0].gaps}"
    for run in (open_run(found[0], sources=[source]), open_run(path, sources=[source])):
        assert run.info.source == source.name
        assert_same(points_of(run.series()), truth_of(sample()), "series()")


def reads_exact_series(source: Source, write: Write, folder: Path) -> None:
    """All metrics, the named ones, and nothing for a name that was never logged."""
    run = _opened(source, write, folder)
    truth = truth_of(sample())
    assert_same(points_of(run.series()), truth, "series()")
    assert set(truth) <= set(run.metrics()), f"metrics() lacks some: {run.metrics()}"
    some = points_of(run.series(["val/loss", "no such metric"]))
    assert_same(some, {"val/loss": truth["val/loss"]}, "series of one name")
    assert run.gaps == (), f"a whole log has gaps: {run.gaps}"
    summary = {name: repr(run.summary().get(name)) for name in ("late", "lr")}
    assert summary == {name: truth[name][-1][1] for name in summary}, f"summary: {summary}"


def batches_add_up(source: Source, write: Write, folder: Path) -> None:
    """Batches joined are the series; in each, steps do not fall."""
    run = _opened(source, write, folder)
    batches = list(run.batches())
    assert_same(joined(batches), truth_of(sample()), "batches")
    for batch in batches:
        for name, one in batch.columns.items():
            assert list(one.steps) == sorted(one.steps), f"steps of {name} fall in a batch"


def overview_holds_true_rows(source: Source, write: Write, folder: Path) -> None:
    """An overview is made of points that were logged, the first and the last row included."""
    run = _opened(source, write, folder)
    truth = truth_of(sample())
    for asked in (2, 10, 10 * COUNT):
        shown = points_of(run.overview(asked))
        assert_true(shown, truth, f"overview({asked})")
        kept = shown["train/loss"]
        assert (kept[0], kept[-1]) == (truth["train/loss"][0], truth["train/loss"][-1])
        assert kept == sorted(set(kept)), f"overview({asked}) repeats rows"
        assert len(kept) <= 2 * asked + 2, f"overview({asked}) has {len(kept)} rows"


def windows_and_tails_are_cut_exactly(source: Source, write: Write, folder: Path) -> None:
    """A window holds the points between two steps, a tail those of the last rows."""
    run = _opened(source, write, folder)
    truth = truth_of(sample())
    for first, last in ((0, 0), (37, 120), (COUNT - 1, 10**9), (10**6, 10**7), (-5, -1)):
        asked = {
            name: [p for p in curve if first <= p[0] <= last] for name, curve in truth.items()
        }
        expected = {name: curve for name, curve in asked.items() if curve}
        got = points_of(run.window(None, first, last))
        assert_same(got, expected, f"window {first} to {last}")
    for rows in (1, 7, 10 * COUNT):
        assert_same(points_of(run.tail(rows)), truth_of(sample()[-rows:]), f"tail({rows})")


def goes_on_from_every_cursor(source: Source, write: Write, folder: Path) -> None:
    """From each batch's cursor on, exactly the rest comes, and nothing when nothing is new."""
    run = _opened(source, write, folder)
    batches = list(run.batches())
    for number, batch in enumerate(batches, start=1):
        assert len(batch.cursor) < 2048, "a cursor is longer than 2 KB"
        rest = joined(run.since(batch.cursor))
        assert_same(rest, joined(batches[number:]), f"after batch {number}")
    assert list(run.since(batches[-1].cursor)) == [], "something came although nothing is new"
    for wrong in ("", "{}", "[1]", '{"runwise":1,"source":"another"}'):
        try:
            list(run.since(wrong))
        except ValueError:
            continue
        raise AssertionError(f"{wrong!r} was taken for a cursor")


def sees_only_what_was_appended(source: Source, write: Write, folder: Path) -> None:
    """A log that grows, also by parts of a record, gives its new rows once."""
    path, data = _bytes_of(source, write, folder)
    shorter = write(_made(folder, "shorter"), sample(COUNT // 2)).read_bytes()
    assert data.startswith(shorter), "with more rows, the bytes must be the same and more"
    seen: list[Mapping[str, Series]] = []
    cursor: str | None = None
    for size in (len(shorter) // 3, len(shorter), len(shorter) + 40, len(data) - 9, len(data)):
        path.write_bytes(data[:size])
        for batch in open_run(path, sources=[source]).since(cursor):
            assert not batch.restart, "an appended log was taken for a new one"
            seen.append(batch.columns)
            cursor = batch.cursor
    assert_same(points_of(gather(seen)), truth_of(sample()), "what was appended")


def notices_that_it_was_replaced(source: Source, write: Write, folder: Path) -> None:
    """A log that was rewritten is read again from its beginning, and says so."""
    path, _ = _bytes_of(source, write, folder)
    cursor = [batch.cursor for batch in open_run(path, sources=[source]).batches()][-1]
    for count in (COUNT, COUNT // 3, COUNT * 2):
        rows = sample(count, scale=3.0)
        path.write_bytes(write(_made(folder, f"of{count}"), rows).read_bytes())
        batches = list(open_run(path, sources=[source]).since(cursor))
        assert [batch.restart for batch in batches[:2]] == [True, False][: len(batches)]
        assert_same(joined(batches), truth_of(rows), f"{count} other rows")


def leaves_the_run_alone(source: Source, write: Write, folder: Path) -> None:
    """Reading changes no file, no time and no listing."""
    path = write(folder, sample())
    before = state_of(folder)
    for info in find_runs(folder, sources=[source]):
        _ask_everything(open_run(info, sources=[source]))
    _ask_everything(open_run(path, sources=[source]))
    assert state_of(folder) == before


def reads_what_is_left_of_a_cut_log(source: Source, write: Write, folder: Path) -> None:
    """Cut anywhere, a log gives true points only, ever more of them, and raises nothing."""
    path, data = _bytes_of(source, write, folder)
    truth, known = truth_of(sample()), 0
    for size in sorted({*range(24), *range(0, len(data), len(data) // CUTS)}):
        path.write_bytes(data[:size])
        run = open_run(path, sources=[source])
        got = points_of(run.series())
        assert_true(got, truth, f"cut at {size}")
        count = sum(map(len, got.values()))
        assert count >= known, f"cut at {size}: {count} points, {known} when it was shorter"
        known = count
        _ask_everything(run)


def survives_a_flipped_byte(source: Source, write: Write, folder: Path) -> None:
    """Whatever byte is wrong, nothing is raised, and most of the run is read."""
    path, data = _bytes_of(source, write, folder)
    for at, mask in flips(data):
        path.write_bytes(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
        _ask_everything(open_run(path, sources=[source]))


def reports_no_damaged_value(source: Source, write: Write, folder: Path) -> None:
    """Behind a checksum no wrong byte becomes a value, and what is lost for it is a gap."""
    path, data = _bytes_of(source, write, folder)
    truth = truth_of(sample())
    for at, mask in flips(data):
        path.write_bytes(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
        run = open_run(path, sources=[source])
        got = points_of(run.series())
        assert_true(got, truth, f"byte {at} flipped by {mask}")
        assert got == truth or run.gaps, f"byte {at} flipped by {mask}: points lost, no gap"


def sees_only_what_was_added(source: Source, write: Write, folder: Path) -> None:
    """A run that was written anew with more rows gives the new ones once."""
    seen: list[Mapping[str, Series]] = []
    cursor: str | None = None
    for count in (COUNT // 3, COUNT // 2, COUNT // 2, COUNT):
        path = write(folder, sample(count))
        for batch in open_run(path, sources=[source]).since(cursor):
            assert not batch.restart, "a run that went on was taken for a new one"
            seen.append(batch.columns)
            cursor = batch.cursor
    assert_same(points_of(gather(seen)), truth_of(sample()), "what was added")


def notices_that_it_was_written_anew(source: Source, write: Write, folder: Path) -> None:
    """Other rows in place of those handed out are read from their beginning, and it says so."""
    path = write(folder, sample())
    cursor = [batch.cursor for batch in open_run(path, sources=[source]).batches()][-1]
    for count in (COUNT, COUNT // 3, COUNT * 2):
        rows = sample(count, scale=3.0)
        batches = list(open_run(write(folder, rows), sources=[source]).since(cursor))
        assert [batch.restart for batch in batches[:2]] == [True, False][: len(batches)]
        assert_same(joined(batches), truth_of(rows), f"{count} other rows")


def survives_any_damage(source: Source, write: Write, folder: Path) -> None:
    """Whichever file is cut, emptied or has a wrong byte, nothing is raised."""
    path = write(folder, sample(COUNT // 5))
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = file.read_bytes()
        cuts = [data[:size] for size in {0, 1, len(data) // 3, len(data) - 1} if size >= 0]
        flipped = [
            data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :] for at, mask in flips(data)[:20]
        ]
        for damaged in (*cuts, *flipped, bytes(len(data)), b"\xff\xfe" + data):
            file.write_bytes(damaged)
            for info in find_runs(folder, sources=[source]):
                _ask_everything(open_run(info, sources=[source]))
        file.write_bytes(data)
    assert points_of(open_run(path, sources=[source]).series()) == truth_of(sample(COUNT // 5))


_COMMON: tuple[SourceCheck, ...] = (
    is_found_and_opened,
    reads_exact_series,
    batches_add_up,
    overview_holds_true_rows,
    windows_and_tails_are_cut_exactly,
    goes_on_from_every_cursor,
    leaves_the_run_alone,
)
SOURCE_CHECKS: tuple[SourceCheck, ...] = (
    *_COMMON,
    sees_only_what_was_appended,
    notices_that_it_was_replaced,
    reads_what_is_left_of_a_cut_log,
    survives_a_flipped_byte,
)
REWRITTEN_CHECKS: tuple[SourceCheck, ...] = (
    *_COMMON,
    sees_only_what_was_added,
    notices_that_it_was_written_anew,
    survives_any_damage,
)
CHECKSUM_CHECKS: tuple[SourceCheck, ...] = (reports_no_damaged_value,)


def _opened(source: Source, write: Write, folder: Path) -> Run:
    return open_run(write(folder, sample()), sources=[source])


def _bytes_of(source: Source, write: Write, folder: Path) -> tuple[Path, bytes]:
    """Write the sample, and return its log and what is in it."""
    path = write(_made(folder, source.name), sample())
    return path, path.read_bytes()


def _made(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(parents=True)
    return made


def _ask_everything(run: Run) -> None:
    run.series()
    run.overview(5)
    run.window(None, 10, 20)
    run.tail(2)
    run.config()
    run.summary()
    run.metrics()
    run.console(5)
    run.system()
    run.alerts()
    run.artifacts()
    assert all(str(gap) for gap in run.gaps)
