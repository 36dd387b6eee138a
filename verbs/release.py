"""What is given of small counts to everybody outside, and what did hiding the rest cost?"""

import argparse
import datetime as dt

import polars as pl

from data.access import OPERATOR
from data.periods import from_number, month_is_due, month_number
from data.store.snapshot import read_facts
from data.texts import text
from data.units import Tree
from metrics.cube import build_cube
from metrics.releases import SMALL_COUNTS, Table, release_table
from metrics.ties import given_away, told_by
from verbs.figures import asked_periods
from verbs.session import Session, UsageError
from verbs.show import show, words

RELEASED = pl.Schema(
    {
        "indicator": pl.String,
        "unit": pl.String,
        "from": pl.Date,
        "to": pl.Date,
        "value": pl.Float64,
        "suppressed": pl.Boolean,
    }
)


def release(session: Session, args: argparse.Namespace) -> int:
    """Print the released tables of small counts; say how many cells are hidden in each.

    They are the same for whoever asks: what everybody outside may read.
    """
    catalog = session.catalog
    flagged = [code for code, item in catalog.measures.items() if SMALL_COUNTS in item.flags]
    codes = session.indicators(args.indicator) if args.indicator else flagged
    for code in codes:
        if code not in flagged:
            raise UsageError(key="disclosure.error.no_release", indicator=code)
    periods = asked_periods(args)
    facts = read_facts(session.store, OPERATOR, told_by(catalog, codes))
    cube = build_cube(facts, catalog, session.tree)
    tables = {code: release_table(cube, code) for code in codes}
    found = [released(table, session.tree, periods) for table in tables.values()]
    show(pl.concat(found) if found else pl.DataFrame(schema=RELEASED), args.format)
    for code, rows in zip(tables, found, strict=True):
        hidden = int(rows["suppressed"].sum())
        small = count_small(tables[code], rows)
        counts = {"cells": rows.height, "hidden": hidden, "small": small}
        words(text("disclosure.released", session.lang, indicator=code, **counts))
    for code, others in given_away(catalog):
        if code in codes:
            shown = {"indicator": code, "others": ", ".join(others)}
            words(text("disclosure.given_away", session.lang, **shown))
    return 0


def released(table: Table, tree: Tree, periods: list[dt.date]) -> pl.DataFrame:
    """Return the released cells of one measure, hidden ones without a value.

    Rows: one unit and stretch of months, whatever windows it serves; in official order, those that
    end in the months asked, or all.
    """
    asked = {month_number(period) for period in periods}
    rows = []
    for (unit, (first, last)), value in table.pattern.values.items():
        if asked and table.months[last] not in asked:
            continue
        is_hidden = (unit, (first, last)) in table.pattern.hidden
        ends = from_number(_start(table, first)), from_number(table.months[last])
        rows.append((table.measure.code, unit, *ends, None if is_hidden else value, is_hidden))
    order = tree.order.__getitem__
    rows.sort(key=lambda row: (order(row[1]), row[3], row[2]))
    return pl.DataFrame(rows, schema=RELEASED, orient="row")


def _start(table: Table, first: int) -> int:
    """Return the first month that a filing speaks of: a quarter's begins two months before."""
    month, start = table.months[first], table.catalog.bureau.year_start
    while not month_is_due(table.measure.frequency, from_number(month - 1), start):
        month -= 1
    return month


def count_small(table: Table, rows: pl.DataFrame) -> int:
    """Return how many of the cells of a table that were printed are small themselves."""
    shown = set(zip(rows["unit"], rows["to"], rows["from"], strict=True))
    return sum(
        why == "small"
        and (unit, from_number(table.months[last]), from_number(_start(table, first))) in shown
        for (unit, (first, last)), why in table.pattern.hidden.items()
    )
