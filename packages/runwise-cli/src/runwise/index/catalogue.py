"""The index as a project uses it: a run is read once, and then only what is new of it."""

from __future__ import annotations

import os
from itertools import chain
from math import inf
from typing import TYPE_CHECKING

from runwise.curves import study
from runwise.history import read
from runwise.index.glances import Glances
from runwise.index.joining import Means, Shelf, joined
from runwise.index.kept import Kept
from runwise.index.merged import Merged
from runwise.index.store import Store, cache_folder, cache_limit, short_key
from runwise.index.witness import marks, sizes, stamp
from runwise.learned import Learned
from runwise.progress import TOTAL_STEPS, planned
from runwise.stretches import below
from runwise_parsers.run import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from runwise.config import Settings
    from runwise_parsers import Run, RunInfo
    from runwise_parsers.find import Described

WORTH = 1 << 18
"""Bytes below which reading a run again costs less than keeping what was learned."""
LARGE = 256 << 20
"""Bytes of history that nobody wants to wait for: about three seconds."""
ROWS = 2000
"""Rows of a sample, from all over the run."""
NEWEST = 200
"""Rows at its end that are looked at besides, none left out."""


class Catalogue:
    """What is known of runs. Without a store everything is read anew, with the same answers.

    Of a history larger than ``LARGE`` of which nothing is known, a sample is read, unless all
    answers are to be ``exact``: then by all ``means`` there are, in slices where it can be cut.
    """

    def __init__(
        self, store: Store | None = None, *, exact: bool = False, means: Means | None = None
    ) -> None:
        self._store = store
        self._exact = exact
        self._means = means or Means()
        self.opened: dict[str, RunInfo] = {}
        """The runs whose logs were opened so far, by source and id."""

    @property
    def exact(self) -> bool:
        """Whether all of a log is read however large, never a sample."""
        return self._exact

    @property
    def trouble(self) -> str:
        """Why the store is not used, empty where it is."""
        return self._store.trouble if self._store else ""

    @property
    def described(self) -> Described | None:
        """What says of runs that were claimed who they are; ``None`` where nothing is kept."""
        return Glances(self._store).describe if self._store else None

    def study(self, info: RunInfo, reopened: Callable[[RunInfo], Run], settings: Settings) -> Kept:
        """Return all that a pass over a run learns, reading only what is new of it.

        Roles and wishes in the settings are part of what was learned.
        """
        key = key_of(info)
        now = stamp(info.segments)
        kept = Kept.from_bytes(self._store.body(key)) if self._store and now else None
        if kept is not None and (
            kept.learned.given != settings.roles
            or kept.learned.wishes != settings.wishes
            or (self._exact and kept.rows)
        ):
            kept = None
        if kept is not None and kept.stamp == now and kept.state == info.state:
            return kept
        run, shelf = reopened(info), Shelf(self._store, key)
        known = 0 if kept is None or kept.rows else sum(sizes(kept.stamp).values())
        if not self._exact and run.size() - known > LARGE:
            found = _sampled(run, settings, now)
        else:
            found = _gone_on(run, kept, now) or self._whole(info, reopened, settings, shelf)
        if self._store and now and sum(sizes(now).values()) >= WORTH:
            self._store.keep_body(key, found.to_bytes())
            shelf.clear()
        return found

    def _whole(
        self,
        info: RunInfo,
        reopened: Callable[[RunInfo], Run],
        settings: Settings,
        shelf: Shelf,
    ) -> Kept:
        """Read all of a run: in slices where that is worth it and can be done."""
        run = reopened(info)
        if run.size() > LARGE:
            before = stamp(info.segments)  # of a run that grows meanwhile, what was surely read
            run.early_config()
            merged = Merged(dict(settings.roles), wishes=dict(settings.wishes))
            if joined(run, merged, self._means, shelf):
                return _judged(run, merged, before)
        return _read(reopened(info), settings)


def open_catalogue(
    *, used: bool = True, exact: bool = False, means: Means | None = None
) -> Catalogue:
    """Return the user's index, or one that remembers nothing."""
    store = Store(cache_folder(), cache_limit()) if used else None
    return Catalogue(store, exact=exact, means=means)


def key_of(info: RunInfo) -> str:
    """Return what a run is called in the store: its source, its files, its id.

    An id that is the end of a path differs with the place a run was met from: it is left out.
    """
    places = [path.absolute() for path in info.segments]
    last = places[-1]
    ends = (str(last), str(last.with_suffix("")), str(last.parent))
    own = info.id.replace("/", os.sep)
    told = "" if any(f"{os.sep}{end}".endswith(f"{os.sep}{own}") for end in ends) else info.id
    return short_key(f"{info.source}\n{told}\n" + "\n".join(map(str, places)))


def _read(run: Run, settings: Settings) -> Kept:
    """Read a run from its beginning."""
    before = stamp(run.info.segments)  # of a run that grows meanwhile, what was surely read
    learned = _empty(settings, run.info.total_steps or planned(run.early_config(), TOTAL_STEPS))
    _pass(run, learned)
    total = run.info.total_steps or planned(run.config(), TOTAL_STEPS)
    if total != learned.total_steps:  # the run changed its mind: rarely, so read it again
        learned = _empty(settings, total)
        _pass(run, learned)
    if learned.mixed:
        whole = read(run)
        known = study(whole.series, settings.roles, total, whole.resumed, settings.wishes)
        learned.monitor = known.watched()
    return _written(run, learned, before)


def _empty(settings: Settings, total_steps: float | None) -> Learned:
    return Learned(dict(settings.roles), total_steps, wishes=dict(settings.wishes))


def _pass(run: Run, learned: Learned) -> None:
    for batch in run.batches():
        learned.add(batch)


def _sampled(run: Run, settings: Settings, now: bytes) -> Kept:
    """Read rows from all over a run, and its end."""
    config = run.early_config()
    learned = _empty(settings, run.info.total_steps or planned(config, TOTAL_STEPS))
    newest = run.tail(NEWEST)
    begin = min((one.steps[0] for one in newest.values() if len(one)), default=inf)
    seen = {name: cut(one, -inf, below(begin)) for name, one in run.overview(ROWS).items()}
    rows = learned.add_sample((seen, newest))
    return Kept(learned, now, b"", run.info.state, None, config, {}, run.gaps, max(1, rows))


def _gone_on(run: Run, kept: Kept | None, now: bytes) -> Kept | None:
    """Read on from where reading stopped; ``None`` where the run must be read anew."""
    if kept is None or kept.rows or kept.told is None or kept.learned.cursor is None:
        return None
    before, files = sizes(kept.stamp), sizes(now)
    grown = all(files.get(name, -1) >= size for name, size in before.items())
    if not grown or files == before or marks(before) != kept.marks:
        return None
    run.recall(kept.told)
    batches = run.since(kept.learned.cursor)
    first = next(batches, None)
    if first is not None and first.restart:
        return None
    for batch in chain([first] if first is not None else (), batches):
        kept.learned.add(batch)
    if isinstance(kept.learned, Merged):
        return _judged(run, kept.learned, now)
    total = run.info.total_steps or planned(run.config(), TOTAL_STEPS)
    same = total == kept.learned.total_steps and not kept.learned.mixed
    return _written(run, kept.learned, now) if same else None


def _judged(run: Run, learned: Merged, when: bytes) -> Kept:
    """Look for trouble in what slices taught."""
    learned.total_steps = run.info.total_steps or planned(run.config(), TOTAL_STEPS)
    learned.judge(run)
    return _written(run, learned, when)


def _written(run: Run, learned: Learned, when: bytes) -> Kept:
    mixed = learned.mixed and not isinstance(learned, Merged)  # sketches need no order
    told = None if mixed else run.told()
    return Kept(
        learned=learned,
        stamp=when,
        marks=marks(sizes(when)),
        state=run.info.state,
        told=told,
        config=run.config(),
        summary=run.summary(),
        gaps=run.gaps,
    )
