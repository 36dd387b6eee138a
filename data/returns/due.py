"""Which cells does a unit owe for a form and a month, and on which sheets do they stand?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.access import Viewer
from data.definition_types import Catalog, Form, Measure
from data.periods import SPAN, add_months, month_is_due, months_between, months_into
from data.units import Tree

OWED: dict[str, Any] = {
    "unit": pl.String,
    "form": pl.String,
    "period": pl.Date,
    "of": pl.String,
    "measure": pl.String,
}

#: Plans of sheets that are kept with a tree; one of a district's collection form takes 0.3 MB.
MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a return: rows and columns in order, and the pairs that are owed.

    In layout ``unit`` the rows are the measures of the only unit; in layout ``collection`` the
    rows are units and the columns measures. ``required`` are the pairs that their own unit files.
    """

    form: Form
    layout: str
    unit: str
    units: tuple[str, ...]
    measures: tuple[Measure, ...]
    expected: frozenset[tuple[str, str]]
    required: frozenset[tuple[str, str]]


def filer_of(tree: Tree, unit: str, measure: Measure) -> str | None:
    """Return the leaf that files a measure for a unit: itself, or the nearest own level above.

    A survey's scores of a station, for example, come from the city's own level.
    """
    # It depends on the unit and on who may file: a few answers for thousands of cells.
    known: dict[tuple[str, tuple[str, ...]], str | None] = tree.memo.setdefault("filer_of", {})
    key = (unit, measure.filers)
    if key not in known:
        known[key] = _nearest(tree, unit, measure.filers)
    return known[key]


def _nearest(tree: Tree, unit: str, filers: tuple[str, ...]) -> str | None:
    if tree.level(unit) in filers:
        return unit
    for above in tree.ancestors(unit):
        own = tree.own(above)
        if own is not None and tree.level(own) in filers:
            return own
    return None


def sheets_of(
    catalog: Catalog, tree: Tree, form: Form, unit: str, period: dt.date
) -> tuple[Sheet, ...]:
    """Return the sheets of a unit's return of a form; none where it owes nothing that month.

    A leaf files its own rows on a unit form, and what it files for others on a collection form; a
    parent collects the rows of every leaf below it. The last ones asked for are kept with the tree:
    a page and a check ask for the same sheets several times.
    """
    known: dict[Any, tuple[Catalog, Form, tuple[Sheet, ...]]]
    known = tree.memo.setdefault("sheets_of", {})
    key = (form.code, unit, period)
    held = known.get(key)
    if held is not None and held[0] is catalog and held[1] is form:
        return held[2]
    found = _sheets(catalog, tree, form, unit, period)
    while len(known) >= MOST_KEPT:
        known.pop(next(iter(list(known)), None), None)
    known[key] = (catalog, form, found)
    return found


def _sheets(
    catalog: Catalog, tree: Tree, form: Form, unit: str, period: dt.date
) -> tuple[Sheet, ...]:
    due = [m for m in _due(catalog, form, period)]
    is_parent = not tree.is_leaf(unit)
    leaves = tree.leaves(unit if is_parent else _reach(tree, unit))
    leaves = tuple(leaf for leaf in leaves if tree.is_open(leaf, period))
    within = frozenset(leaves) if is_parent else frozenset({unit})
    expected: set[tuple[str, str]] = set()
    required: set[tuple[str, str]] = set()
    levels = [(leaf, tree.level(leaf)) for leaf in leaves]
    for measure in due:
        valued = measure.value_of or measure.filers
        for leaf, level in levels:
            if level not in valued:
                continue
            filer = filer_of(tree, leaf, measure)
            if filer not in within:
                continue
            expected.add((leaf, measure.code))
            if filer == leaf and measure.absent == "missing":
                required.add((leaf, measure.code))
    return _split(form, unit, leaves, due, frozenset(expected), frozenset(required), is_parent)


def _split(
    form: Form,
    unit: str,
    leaves: tuple[str, ...],
    due: list[Measure],
    expected: frozenset[tuple[str, str]],
    required: frozenset[tuple[str, str]],
    is_parent: bool,
) -> tuple[Sheet, ...]:
    listed = {m for u, m in expected if u != unit} if not is_parent else {m for _, m in expected}
    sheets = []
    for layout, is_mine in (("unit", False), ("collection", True)):
        measures = tuple(m for m in due if (m.code in listed) == is_mine)
        pairs = frozenset(p for p in expected if (p[1] in listed) == is_mine)
        if not pairs:
            continue
        with_any, of_any = {u for u, _ in pairs}, {m for _, m in pairs}
        units = tuple(u for u in leaves if u in with_any)
        owed = tuple(m for m in measures if m.code in of_any)
        sheets.append(Sheet(form, layout, unit, units, owed, pairs, required & pairs))
    return tuple(sheets)


def _due(catalog: Catalog, form: Form, period: dt.date) -> list[Measure]:
    start = catalog.bureau.year_start
    return [
        catalog.measures[code]
        for code in form.measures
        if month_is_due(catalog.measures[code].frequency, period, start)
        and _is_valid(catalog.measures[code], period)
    ]


def _is_valid(measure: Measure, period: dt.date) -> bool:
    began = measure.valid_from is None or measure.valid_from <= period
    return began and (measure.valid_to is None or period < measure.valid_to)


def _reach(tree: Tree, unit: str) -> str:
    """Return whose leaves a leaf may file for: an own level its parent's, others their own."""
    parent = tree.parent(unit)
    return parent if parent is not None and tree.is_own(unit) and not tree.is_pooled(unit) else unit


def is_by_choice(catalog: Catalog, form: Form) -> bool:
    """Return whether nobody owes a form: all that it asks for is filed by who wishes to."""
    return all(catalog.measures[code].absent == "optional" for code in form.measures)


def cells_owed(sheets: Iterable[Sheet]) -> frozenset[tuple[str, str]]:
    """Return the cells of a form that somebody owes, as (unit, measure); none that is by choice."""
    sheets = tuple(sheets)
    required = frozenset[tuple[str, str]]().union(*(sheet.required for sheet in sheets))
    if required:
        return required
    by_choice = {m.code for s in sheets for m in s.measures if m.absent == "optional"}
    expected = frozenset[tuple[str, str]]().union(*(sheet.expected for sheet in sheets))
    return frozenset(pair for pair in expected if pair[1] not in by_choice)


def forms_due(
    catalog: Catalog, tree: Tree, unit: str, period: dt.date
) -> tuple[tuple[Form, tuple[Sheet, ...]], ...]:
    """Return the forms that a unit owes for a month, each with its sheets."""
    found = []
    for form in catalog.forms.values():
        sheets = sheets_of(catalog, tree, form, unit, period)
        if cells_owed(sheets):
            found.append((form, sheets))
    return tuple(found)


def owed_cells(
    catalog: Catalog, tree: Tree, viewer: Viewer, first: dt.date, last: dt.date
) -> pl.DataFrame:
    """Return every cell that is owed in the months from first to last.

    Rows: `unit` owes for `form` the figure of `measure` of the unit `of`, itself but in what an
    own level files for others.
    """
    parts = [_owed_in(catalog, tree, period) for period in months_between(first, last)]
    rows = pl.concat([pl.DataFrame(schema=OWED), *parts])
    seen = viewer.sees()
    return rows if seen is None else rows.filter(pl.col("unit").is_in(list(seen)))


def _owed_in(catalog: Catalog, tree: Tree, period: dt.date) -> pl.DataFrame:
    """Return every cell that is owed in a month; kept with the tree, no filing changes it."""
    key = ("owed cells", catalog.digest, period)
    if key in tree.memo:
        return tree.memo[key]
    found: list[tuple[str, str, dt.date, str, str]] = []
    # Whoever files for nobody else owes what all of the same level owe.
    alike: dict[str, list[tuple[str, str]]] = {}
    for unit in tree.leaves():
        if not tree.is_open(unit, period):
            continue
        level = tree.level(unit)
        if _reach(tree, unit) != unit:
            pairs = _pairs_due(catalog, tree, unit, period)
            found += [(unit, form, period, of, code) for form, of, code in pairs]
            continue
        if level not in alike:
            pairs = _pairs_due(catalog, tree, unit, period)
            alike[level] = [(form, code) for form, _, code in pairs]
        found += [(unit, form, period, unit, code) for form, code in alike[level]]
    tree.memo[key] = pl.DataFrame(found, schema=OWED, orient="row")
    return tree.memo[key]


def _pairs_due(
    catalog: Catalog, tree: Tree, unit: str, period: dt.date
) -> list[tuple[str, str, str]]:
    """Return form, unit and measure of each figure that a unit owes for a month."""
    found = []
    for form, sheets in forms_due(catalog, tree, unit, period):
        found += [(form.code, of, code) for of, code in cells_owed(sheets)]
    return found


def due_date(form: Form, period: dt.date) -> dt.date:
    """Return the day on which a form is due: its due day in the month after the period.

    >>> from types import SimpleNamespace
    >>> due_date(SimpleNamespace(due_day=31), dt.date(2024, 1, 1))
    datetime.date(2024, 2, 29)
    """
    following = add_months(period, 1)
    last = (add_months(following, 1) - dt.timedelta(days=1)).day
    return following.replace(day=min(form.due_day, last))


def year_months(measure: Measure, period: dt.date, year_start: int) -> list[dt.date]:
    """Return the months of the year to date in which a measure was due, the period included."""
    months = [add_months(period, -back) for back in range(months_into(period, 12, year_start))]
    return sorted(m for m in months if month_is_due(measure.frequency, m, year_start))


def span_key(form: Form) -> str:
    """Return which word a form uses for its period: this month, quarter, half-year or year.

    >>> from types import SimpleNamespace
    >>> span_key(SimpleNamespace(frequency="Q"))
    'quarter'
    """
    return {1: "month", 3: "quarter", 6: "half", 12: "year"}[SPAN[form.frequency]]
