"""The runs of a project that terms mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise.errors import BadFilter, near, short
from runwise.filters.grammar import CONFIG, FIELDS, WORDS, Term
from runwise.filters.matching import NOTHING, Facts, holds, spelt, values_of
from runwise.settings_tree import flat
from runwise_detect import roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_parsers import RunInfo


def admitted(
    workspace: Workspace, terms: Sequence[Term], now: float, among: Sequence[RunInfo] | None = None
) -> list[RunInfo]:
    """Return the runs of which all terms hold, the newest first: of all, or of those given.

    Raises ``NoRuns`` where there are none at all, ``BadFilter`` for a name that is neither a
    field nor a metric or setting of any run.
    """
    runs = workspace.some_runs() if among is None else among
    plain = [term for term in terms if not _asks_more(term)]
    more = [term for term in terms if _asks_more(term)]
    left = [run for run in runs if all(holds(term, run, NOTHING, now) for term in plain)]
    if not more:
        return left
    known = {id(run): _facts(workspace, run, more) for run in left}
    _refuse_unknown(more, known.values())
    return [run for run in left if all(holds(term, run, known[id(run)], now) for term in more)]


def sorted_by(
    workspace: Workspace, field: str, runs: Sequence[RunInfo], now: float
) -> list[RunInfo]:
    """Return runs by a field or a metric: of a metric the best first, else the largest or newest.

    ``-`` before it turns the order round. Words go by the alphabet. What a run lacks comes last.

    Raises ``BadFilter`` for what is neither a field nor a metric of these runs.
    """
    name = field.removeprefix("-")
    term = Term(name, ">", "0")
    facts = {id(run): NOTHING for run in runs}
    if _asks_more(term):
        facts = {id(run): _facts(workspace, run, [term]) for run in runs}
        _refuse_unknown([term], facts.values())
    found = [(values_of(name, run, facts[id(run)], now), run) for run in runs]
    known = [(values[0], run) for values, run in found if values and values[0] == values[0]]
    better = roles.better(name, workspace.settings.roles.get(name))
    upwards = name in WORDS or (name not in FIELDS and better == "min")
    known.sort(key=lambda one: _key(one[0]), reverse=upwards == field.startswith("-"))
    with_it = {id(run) for _, run in known}
    return [run for _, run in known] + [run for run in runs if id(run) not in with_it]


def _key(value: Cell) -> tuple[bool, float, str]:
    if isinstance(value, (int, float)):
        return False, float(value), ""
    return True, 0.0, str(value).lower()


def _asks_more(term: Term) -> bool:
    return term.field == "health" or term.field not in FIELDS


def _facts(workspace: Workspace, run: RunInfo, terms: Sequence[Term]) -> Facts:
    """Return what terms ask about a run; one that cannot be read has nothing."""
    try:
        config = flat(workspace.open(run).early_config()) if _named(terms, CONFIG) else {}
        if all(term.field.startswith(CONFIG) for term in terms):
            return Facts(config, {})
        learned = workspace.study(run).learned
    except OSError:
        return NOTHING
    last = {name: one.last for name, one in learned.metrics.items()}
    return Facts(config, last, learned.diagnosis().health)


def _named(terms: Sequence[Term], prefix: str) -> bool:
    return any(term.field.startswith(prefix) for term in terms)


def _refuse_unknown(terms: Sequence[Term], facts: Iterable[Facts]) -> None:
    """Raise ``BadFilter`` for a metric or a setting that no run has: it was misspelt."""
    known = list(facts)
    if not known:
        return
    config = {CONFIG + name for one in known for name in one.config}
    metrics = {name for one in known for name in one.metrics}
    for term in terms:
        if term.field == "health" or term.field in config:
            continue
        plain = {spelt(name) for name in metrics}
        if term.field.startswith(CONFIG) or spelt(term.field) not in plain:
            close = near(term.field, [*FIELDS, *config, *metrics], 1)
            hint = f", did you mean {short(close[0])}?" if close else ""
            raise BadFilter(f"'{short(str(term))}': no run has {short(term.field)}{hint}")
