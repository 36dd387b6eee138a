"""What do the parts of the page of editions read? Each computed once a state of the record."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from data.access import OPERATOR
from data.store.days import first_locks
from data.store.editions import Edition, dated_back, editions, is_logged, kept_structure
from data.store.snapshot import end_of_day, read_facts, stored_rows, within
from metrics.edition_check import check_edition
from metrics.editions import (
    cells_behind,
    changed_cells,
    changed_figures,
    ever_changed,
    touched_indicators,
)
from metrics.plan import measures_of
from ui import load
from ui.scope import Scope, Sight

# Small numbers are hidden on pages, so their changes are not listed cell by cell either.
HIDDEN = frozenset({"W", "S"})


@load.cached
def locks(as_of: dt.date | None = None) -> Mapping[dt.date, dt.datetime]:
    """Return when each month was first locked, as known at the end of a day."""
    return first_locks(load.store(), as_of)


@load.cached
def published(as_of: dt.date | None = None) -> tuple[Edition, ...]:
    """Return the editions that stand as of a day or before, the oldest first."""
    end = _end(as_of)
    return tuple(item for item in editions(load.store()) if item.as_of <= end)


def _end(as_of: dt.date | None) -> dt.datetime:
    """Return the moment at which a day ends; without a day a moment beyond all others."""
    if as_of is None:
        return dt.datetime.max.replace(tzinfo=dt.UTC)
    return end_of_day(as_of, load.store().timezone).astimezone(dt.UTC)


def alone(sight: Sight) -> Sight:
    """Return the sight in which figures stand alone.

    Matched units are kept between two sides; a figure by itself is that of the units of its time.
    """
    return replace(sight, basis="then") if sight.basis == "matched" else sight


def sight_of(scope: Scope, edition: Edition) -> Sight:
    """Return what a reader sees of an edition: on its basis, whatever the basis in scope."""
    return replace(load.sight(scope), basis=edition.hashes.basis, as_of=None)


def basis_link(edition: Edition) -> str | None:
    """Return the basis of an edition as an address says it: nothing for the usual one."""
    return None if edition.hashes.basis == "now" else edition.hashes.basis


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
def changed_since(name: str, as_of: dt.date | None = None) -> pl.DataFrame:
    """Return the cells that an edition had published and that say something else on a day."""
    edition = next(item for item in published() if item.name == name)
    return changed_cells(_recent(), edition.as_of, _end(as_of), edition.period)


@load.cached
def changed_between(older: str, newer: str) -> pl.DataFrame:
    """Return the cells that one edition had published and that a later one gave differently."""
    by_name = {item.name: item for item in published()}
    before, after = by_name[older], by_name[newer]
    return changed_cells(_recent(), before.as_of, after.as_of, before.period)


@load.cached
def cells_seen(older: str, newer: str, unit: str, person: str) -> pl.DataFrame:
    """Return the changed cells behind a unit's figures on the later edition's basis.

    Those of months and units that the reader may not see are left out, and all of measures with
    small numbers to hide.
    """
    catalog, viewer = load.catalog(), load.viewer(person)
    basis = next(item for item in published() if item.name == newer).hashes.basis
    open_ = [code for code, item in catalog.measures.items() if not item.flags & HIDDEN]
    cells = changed_between(older, newer).filter(pl.col("measure").is_in(open_))
    cells = cells_behind(cells, catalog, load.tree(), unit, basis)
    seen = viewer.reads()
    if seen is None:
        return cells
    return within(cells.filter(pl.col("unit").is_in(list(seen))), viewer)


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
    logged, late = is_logged(store, edition), dated_back(store, edition)
    structure = kept_structure(store, edition)
    check = check_edition(edition, facts, catalog, load.tree(), structure, logged, late)
    return check.verdict, tuple(check.differ)


@load.cached
def figures_between(older: str, newer: str, units: tuple[str, ...], sight: Sight) -> pl.DataFrame:
    """Return the monthly figures of some units that two editions give differently.

    Both sides stand on the basis of the sight and on the units of today's definitions: what differs
    was revised. Rows: the largest relative changes first.
    """
    catalog, by_name = load.catalog(), {item.name: item for item in published()}
    cells = changed_between(older, newer)
    measures = measures_of(catalog, touched_indicators(catalog, cells))
    sides = [
        read_facts(load.store(), OPERATOR, measures, by_name[name].as_of) for name in (older, newer)
    ]
    found = changed_figures(
        cells, *sides, catalog, load.tree(), units, sight.basis, sight.unit or None
    )
    # A change of a change is hard to read: what it is made of stands here itself.
    flagged = [
        code
        for code, item in catalog.indicators.items()
        if item.flags & HIDDEN or item.kind == "yoy"
    ]
    found = found.filter(~pl.col("indicator").is_in(flagged))
    size = (pl.col("value") - pl.col("before")).abs() / pl.col("before").abs()
    return found.with_columns(size=size).sort("size", descending=True, nulls_last=True)
