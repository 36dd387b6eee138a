"""What do the parts of the page of editions read? Each computed once a state of the record."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from data.access import OPERATOR
from data.store.days import first_locks
from data.store.editions import Edition, dated_back, editions, is_logged
from data.store.snapshot import end_of_day, read_facts, stored_rows
from metrics.editions import (
    changed_cells,
    changed_figures,
    ever_changed,
    freeze,
    judge_edition,
    touched_indicators,
)
from metrics.plan import measures_of
from ui import load
from ui.scope import Scope

# Small numbers are hidden on pages, so their changes are not listed cell by cell either.
HIDDEN = frozenset({"W", "S"})


@load.cached
def locks() -> Mapping[dt.date, dt.datetime]:
    """Return when each month was first locked."""
    return first_locks(load.store())


@load.cached
def published() -> tuple[Edition, ...]:
    """Return the editions, the oldest first."""
    return tuple(editions(load.store()))


def chosen_of(scope: Scope, found: tuple[Edition, ...]) -> Edition:
    """Return the edition that the address names, or the last one."""
    wanted = scope.extras.get("edition", "")
    return next((item for item in found if item.name == wanted), found[-1])


@load.cached
def _recent() -> pl.DataFrame:
    """Return every vintage of the cells that changed since the first edition, of no others."""
    history = stored_rows(load.store(), None, None, every=True)
    return ever_changed(history, published()[0].as_of).sort("vintage", "id")


@load.cached
def recent_counts() -> dict[str, int]:
    """Return how many values of each measure replaced an earlier one, where any edition was."""
    if not published():
        return {}
    key = ["measure", "unit", "period"]
    later = _recent().filter(pl.len().over(key) > 1)
    return dict(later.group_by("measure").len().sort("measure").iter_rows())


@load.cached
def changed_since(name: str) -> pl.DataFrame:
    """Return the cells that an edition had published and that say something else now."""
    edition = next(item for item in published() if item.name == name)
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    return changed_cells(_recent(), edition.as_of, far, edition.period)


@load.cached
def changed_between(older: str, newer: str) -> pl.DataFrame:
    """Return the cells that one edition had published and that a later one gave differently."""
    by_name = {item.name: item for item in published()}
    before, after = by_name[older], by_name[newer]
    return changed_cells(_recent(), before.as_of, after.as_of, before.period)


def last_day(edition: Edition) -> dt.date:
    """Return the last day of the bureau that an edition covers."""
    return load.local(edition.as_of - dt.timedelta(microseconds=1)).date()


def is_whole_day(edition: Edition) -> bool:
    """Return whether nothing was approved between an edition and the end of its last day."""
    end = end_of_day(last_day(edition), load.store().timezone).astimezone(dt.UTC)
    rows = _recent().filter(pl.col("vintage").is_between(edition.as_of, end, closed="left"))
    return rows.height == 0


@load.cached
def verdict_of(name: str) -> tuple[str, tuple[str, ...]]:
    """Return what computing an edition again comes to, and the indicators that differ."""
    edition = next(item for item in published() if item.name == name)
    store, catalog = load.store(), load.catalog()
    facts = read_facts(store, OPERATOR, as_of=edition.as_of)
    found = freeze(facts, catalog, load.tree(), edition.period)
    logged, late = is_logged(store, edition), dated_back(store, edition)
    verdict, differ = judge_edition(edition, found, catalog.digest, logged, late)
    return verdict, tuple(differ)


@load.cached
def figures_between(older: str, newer: str, units: tuple[str, ...]) -> pl.DataFrame:
    """Return the monthly figures of some units that two editions give differently.

    Rows: the largest relative changes first.
    """
    catalog, by_name = load.catalog(), {item.name: item for item in published()}
    cells = changed_between(older, newer)
    measures = measures_of(catalog, touched_indicators(catalog, cells))
    sides = [
        read_facts(load.store(), OPERATOR, measures, by_name[name].as_of) for name in (older, newer)
    ]
    found = changed_figures(cells, sides[0], sides[1], catalog, load.tree(), units)
    # A change of a change is hard to read: what it is made of stands here itself.
    flagged = [
        code
        for code, item in catalog.indicators.items()
        if item.flags & HIDDEN or item.kind == "yoy"
    ]
    found = found.filter(~pl.col("indicator").is_in(flagged))
    size = (pl.col("value") - pl.col("before")).abs() / pl.col("before").abs()
    return found.with_columns(size=size).sort("size", descending=True, nulls_last=True)
